/** What administrators do under `/api/v1/admin`. Conventions as in contract.ts. */
import { z } from 'zod'
import { count, time } from './contract.ts'

export const ADMIN_BASE = '/api/v1/admin'

const name = z.string().min(1).max(200).refine((said) => !said.includes('\0'), 'a NUL character is not allowed')

export const newErasure = z.strictObject({
  /** As services send it. */
  student_id: name,
  /** Whose student it is; the token's if not said, null for one who is told of without an organization. */
  organization_id: name.nullable().optional(),
})
export const erasure = z.object({
  id: z.string(),
  organization_id: z.string().nullable(),
  /** Null 35 days later, when nothing late can come any more. */
  student_id: z.string().nullable(),
  requested_by: z.string(),
  requested_at: time,
  /** Requests and dead letters that left so far. */
  requests: count,
  dead_letters: count,
  last_found_at: time.nullable(),
})
/** `is_complete` false: the tracker goes on with it by itself. */
export const erasureAnswer = z.object({ ...erasure.shape, is_complete: z.boolean() })
/** The newest first, at most a thousand. */
export const erasureList = z.object({ items: z.array(erasure) })

/** One answer that held names of students. */
export const personalRead = z.object({
  read_at: time,
  token_id: z.string(),
  /** Null where the token is gone. */
  token_name: z.string().nullable(),
  /** The token's; null: all. */
  organization_id: z.string().nullable(),
  via: z.enum(['token', 'session']),
  /** A call's path, its parameters in braces. */
  route: z.string(),
  request_id: z.string().nullable(),
  /** What was asked, without texts that name a student who was erased since. */
  query: z.record(z.string(), z.unknown()),
  /** How many names; null for CSV and streams, which are written while they are read. */
  names: count.nullable(),
})
export const personalReadList = z.object({ items: z.array(personalRead), next_cursor: z.string().nullable() })
