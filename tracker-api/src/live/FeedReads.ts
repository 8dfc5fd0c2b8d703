import type { CircuitBreaker, RequestRow, StreamFrames } from '../contract.ts'

/**
 * What the live feed reads, given to it from outside. Terms:
 * - look: one reading of the change log, of all that was committed since the look before.
 * - snapshot: what a look saw; opaque here.
 * - cursor: `<epoch>.<xmin>`; every change that was not seen yet has at least this xmin.
 */
export type FeedReads = {
  look: (since: string | undefined, options: { inflight: InflightQuery[]; allBreakers: boolean }) => Promise<Look>
  /** Changes since a cursor; `xmin` is a whole number below 2^64. */
  missed: (epoch: string, xmin: string) => Promise<Missed>
  stats: (timezone: string, organization?: string) => Promise<StreamFrames['stats']>
}

export type RequestChange = {
  id: string
  version: number
  /** Null: deleted. */
  row: RequestRow | null
  /** Those it belonged to when it changed; null among them: none. */
  organizations: readonly (string | null)[]
}
export type BreakerChange = { version: number; row: CircuitBreaker }
export type InflightQuery = { key: string; organization: string | null; statuses: string[] | null }

export type Look = {
  epoch: string
  snapshot: string
  xmin: string
  /** ISO 8601, of the database's clock. */
  now: string
  /** Undefined: too many to tell, or some are no longer in the log. */
  requests: RequestChange[] | undefined
  breakers: BreakerChange[]
  inflight: Record<string, { count: number; digest: string }>
}

export type Missed =
  | { requests: RequestChange[]; breakers: BreakerChange[] }
  | { reason: 'epoch' | 'too_old' | 'overflow' }
