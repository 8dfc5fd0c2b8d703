/**
 * The wire shape: what both encodings are read into before any rule of ours, so that every rule is written once.
 *
 * Absent texts are '', absent numbers 0, absent lists empty, as in protobuf. IDs are lower-case hex of whatever
 * length was sent; a JSON id that is no hex stays as it is. Times are nanoseconds since the Unix epoch.
 */
import type { Attributes } from '../signal.ts'

/** Stands for a value nested deeper than {@link MAX_VALUE_DEPTH}; what is below was not read. */
export const TOO_DEEP: unique symbol = Symbol('too deep')

/** An OTLP AnyValue: null is the empty one, number a double, bigint an int64. */
export type WireValue =
  | null
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | { list: WireValue[] }
  | { entries: WireAttribute[] }
  | typeof TOO_DEEP

export type WireAttribute = { key: string; value: WireValue }

type WithAttributes = {
  attributes: WireAttribute[]
  /** How many the sender dropped itself. */
  droppedAttributesCount: number
}

export type WireEvent = WithAttributes & { name: string; timeUnixNano: bigint }

export type WireSpan = WithAttributes & {
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  kind: number
  startTimeUnixNano: bigint
  endTimeUnixNano: bigint
  events: WireEvent[]
  statusCode: number
  statusMessage: string
}

export type WireLogRecord = WithAttributes & {
  traceId: string
  spanId: string
  eventName: string
  timeUnixNano: bigint
  observedTimeUnixNano: bigint
  severityNumber: number
  body: WireValue
}

/** A record whose fields are not of the types that OTLP gives them. */
export type Malformed = { malformed: string; payload: Attributes }

/** Records of one resource and scope. */
export type WireGroup<WireRecord> = {
  /** Where they stand in the request, in JSON's names, e.g. `resourceSpans[0].scopeSpans[0].spans`. */
  path: string
  resource: WireAttribute[]
  scope: string
  records: (WireRecord | Malformed)[]
}
