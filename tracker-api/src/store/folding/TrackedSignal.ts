import type { Attributes, Json, Severity } from '../../signal.ts'

export type SignalError = {
  message: string | null
  stage: string | null
  /** `exception.*`, `error.type` and the breaker; null where nothing of it was told. */
  details: { [name: string]: Json } | null
}

/** What a log record or a span says of its request, in one form for both. */
export type TrackedSignal = {
  /** The event type of a record; `stage`, `root` or `other` of a span. */
  kind: string
  isSpan: boolean
  stageName: string | null
  /** From 1. */
  attempt: number
  /** Microseconds since the epoch; of a record both are its time. */
  startedUs: number
  saidUs: number
  /** Of a stage or a request; null where the signal tells of none. */
  outcome: string | null
  error: SignalError | null
  message: string | null
  severity: Severity
  uid: string | null
  spanId: string | null
  attributes: Attributes
  service: string | null
  host: string | null
  instance: string | null
}
