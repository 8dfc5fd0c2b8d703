import { RefusedRecord } from './RefusedRecord.ts'

/**
 * Whole microseconds, rounded down; Postgres keeps no finer.
 * Throws {@link RefusedRecord} for 0 and the far future.
 */
export function toMicroseconds(unixNano: bigint, field: string): number {
  const us = Number(unixNano / 1000n)
  if (unixNano <= 0n) throw new RefusedRecord('bad_time', `${field} is missing or 0`)
  if (!Number.isSafeInteger(us)) throw new RefusedRecord('bad_time', `${field} is beyond the year 2255`)
  return us
}
