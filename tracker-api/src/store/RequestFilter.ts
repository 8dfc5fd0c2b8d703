import type { RequestStatus } from '../contract.ts'

/**
 * What may ail a request that has not ended, judged at reading: `retrying` its stage failed before and is tried again,
 * `late` its stage takes over twice its normal time, `stalled` nothing was heard of it for three times that (at least
 * a minute) and no retry is due.
 */
export const REQUEST_CONDITIONS = ['retrying', 'late', 'stalled'] as const

/** Which requests to list; all that is said must hold. */
export type RequestFilter = {
  /** Any of these. */
  statuses?: RequestStatus[]
  organization?: string
  student?: string
  /** The stage they are in, or in which they failed. */
  stage?: string
  condition?: (typeof REQUEST_CONDITIONS)[number]
  /** `error.type` or `exception.type` of what it failed of. */
  errorType?: string
  /** The circuit breaker that it failed through. */
  breaker?: string
  /**
   * An ID in any spelling, else a part of topic, student, error message or correlation ID, in any case. No pattern
   * characters. One without three letters or digits in a row is looked for among the newest 20,000 requests only.
   */
  text?: string
  /** The text is not looked for in names of students. */
  hidesNames?: boolean
  /** Microseconds since the epoch; created at or after. */
  fromUs?: number
  /** Microseconds since the epoch; created before. */
  toUs?: number
}
