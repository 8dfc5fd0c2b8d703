import type { RequestStatus } from '../contract.ts'

/** Which requests to list; all that is said must hold. */
export type RequestFilter = {
  /** Any of these. */
  statuses?: RequestStatus[]
  organization?: string
  student?: string
  /** The stage they are in, or in which they failed. */
  stage?: string
  /** An ID in any spelling, else a part of topic, student or correlation ID, in any case. No pattern characters. */
  text?: string
  /** Microseconds since the epoch; created at or after. */
  fromUs?: number
  /** Microseconds since the epoch; created before. */
  toUs?: number
}
