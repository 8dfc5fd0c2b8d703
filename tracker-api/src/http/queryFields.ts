import { z } from 'zod'
import { eventSeverity, requestStatus } from '../contract.ts'
import { REQUEST_CONDITIONS } from '../store/RequestFilter.ts'

const words = (max: number) =>
  z
    .string()
    .max(max, `at most ${max} characters`)
    .refine((text) => !text.includes('\0'), 'a NUL character is not allowed')

/** Judged by whoever uses it. */
export const anyText = z.string()
/** A name: an organization, a student, a stage. */
export const name = words(200)
/** What a person typed into a search box. */
export const searchText = words(200).transform((text) => text.trim())
/** One of a request's statuses, or several. */
export const statuses = z.array(requestStatus, 'not a status').max(50, 'given too often')
export const condition = z.enum(REQUEST_CONDITIONS, `one of ${REQUEST_CONDITIONS.join(', ')}`)
export const severities = z.array(eventSeverity, 'not a severity').max(50, 'given too often')
export const names = z.array(name).max(50, 'given too often')

export const limit = (fallback: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .transform(Number)
    .refine((count) => count >= 1 && count <= max, `from 1 to ${max}`)
    .default(fallback)
    .meta({ parameter: { type: 'integer', minimum: 1, maximum: max, default: fallback } })

/** A moment as microseconds since the epoch. */
export const moment = z.iso
  .datetime({ offset: true, error: 'ISO 8601 with a zone, such as 2026-03-01T08:00:00Z' })
  .transform((text) => Date.parse(text) * 1000)
  .refine(Number.isFinite, 'no such moment')

/** A position in a list: opaque to clients, JSON in base64url for us. */
export function cursorOf<T extends z.ZodType>(position: T) {
  return z
    .string()
    .max(200, 'not a cursor of ours')
    .regex(/^[A-Za-z0-9_-]+$/, 'not a cursor of ours')
    .transform((text, context) => {
      const read = position.safeParse(parseJson(Buffer.from(text, 'base64url').toString()))
      if (read.success) return read.data
      context.addIssue({ code: 'custom', message: 'not a cursor of ours' })
      return z.NEVER
    })
}

export function writeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** Where a list ordered by (time, id) goes on; the time in microseconds. */
export const timePosition = z.tuple([z.number().int(), z.guid()])

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
