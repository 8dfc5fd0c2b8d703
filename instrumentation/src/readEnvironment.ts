import process from 'node:process'
import { warn } from './warnOnce.ts'

// The one file of this package that reads the environment. The SDK reads the other OTEL_ variables itself.

/** Set, not blank, trimmed. */
export function environment(name: string): string | undefined {
  const value = process.env[name]?.trim()
  return value === '' ? undefined : value
}

/** A whole number from 0 up; a wrong one is one warning and the default. */
export function environmentNumber(name: string, byDefault: number): number {
  const text = environment(name)
  if (text === undefined) return byDefault
  if (/^\d{1,9}$/.test(text)) return Number(text)
  warn(`${name} is ${JSON.stringify(text)}, not a whole number from 0 up; using ${byDefault}.`)
  return byDefault
}

export const trackerUrl = (): string | undefined => environment('VIVIDLY_TRACKER_URL')
