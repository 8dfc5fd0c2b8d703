/**
 * Delivery: from the SDK's processors to the receiver, across an outage.
 *
 * Glossary:
 * - item: a span that has ended, or a log record.
 * - parcel: a few items of one signal and priority, serialized once; the unit that is kept, sent and lost.
 *   A post to the receiver is a row of parcels, for OTLP bodies can be joined.
 * - tally: whose items a parcel holds and how many, which is all that is needed to tell of its loss.
 */

export const SIGNALS = ['logs', 'traces'] as const
export type Signal = (typeof SIGNALS)[number]

export const ENCODINGS = ['http/json', 'http/protobuf'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** Child spans, heartbeats, all other records; then stage and root spans, breakers; then what a request lives by. */
export const PRIORITIES = ['diagnostic', 'outcome', 'life_cycle'] as const
export type Priority = (typeof PRIORITIES)[number]

export type Tally = {
  /** Empty: outside any request. */
  traceId: string
  records: number
  spans: number
  fromMs: number
  toMs: number
}

export type Parcel = {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly priority: Priority
  /** A whole OTLP export request. */
  readonly body: Buffer
  readonly tallies: readonly Tally[]
}

/** What a parcel costs in memory, in bytes: its body, and about what V8 takes for the rest. */
export const weightOf = ({ body, tallies }: Parcel): number => body.length + 300 + 150 * tallies.length
