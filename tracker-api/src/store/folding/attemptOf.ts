import type { Json } from '../../signal.ts'
import { integerOf } from './integerOf.ts'
import { textOf } from './textOf.ts'

const MAX_ATTEMPT = 1_000_000

/** `vividly.stage.attempt`: from 1, absent or unreadable is the first. */
export function attemptOf(value: Json | undefined): number {
  return Math.max(1, Math.min(integerOf(value) ?? 1, MAX_ATTEMPT))
}

/** Of `vividly.stage.max_attempts`, of up to six digits: one less; null where it was not told. */
export function maxRetriesOf(value: Json | undefined): number | null {
  if (value === undefined) return null
  const text = textOf(value)
  if (text === null || text.length > 6 || text.startsWith('0')) return null
  const attempts = integerOf(value)
  return attempts === undefined ? null : attempts - 1
}
