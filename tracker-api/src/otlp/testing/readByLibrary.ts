/** Requests as protobufjs reads them: what our own reader is held against. */
import { MAX_VALUE_DEPTH } from '../limits.ts'
import { UnreadableBody } from '../UnreadableBody.ts'
import { TOO_DEEP } from '../wire.ts'
import type { WireAttribute, WireEvent, WireGroup, WireLogRecord, WireSpan, WireValue } from '../wire.ts'
import { guardProtobuf } from './guardProtobuf.ts'
import type { RequestKind } from './guardProtobuf.ts'
import { AnyValue, LogsRequest, TracesRequest } from './requestSchema.ts'

/** What protobufjs builds; an absent field is read from the prototype, where its default stands. */
type Long = { toBigInt: () => bigint }
type Bytes = Uint8Array
type KeyValue = { key: string; value: Bytes }
type Resource = { attributes: KeyValue[] } | null
type Scope = { name: string } | null
type Event = { timeUnixNano: Long; name: string; attributes: KeyValue[]; droppedAttributesCount: number }
type Span = Event & {
  traceId: Bytes
  spanId: Bytes
  parentSpanId: Bytes
  kind: number
  startTimeUnixNano: Long
  endTimeUnixNano: Long
  events: Event[]
  status: { code: number; message: string } | null
}
type LogRecord = Event & {
  traceId: Bytes
  spanId: Bytes
  observedTimeUnixNano: Long
  severityNumber: number
  body: Bytes
  eventName: string
}
type Traces = { resourceSpans: { resource: Resource; scopeSpans: { scope: Scope; spans: Span[] }[] }[] }
type Logs = { resourceLogs: { resource: Resource; scopeLogs: { scope: Scope; logRecords: LogRecord[] }[] }[] }
type AnyValueMessage = {
  value?: 'stringValue' | 'boolValue' | 'intValue' | 'doubleValue' | 'arrayValue' | 'kvlistValue' | 'bytesValue'
  stringValue: string
  boolValue: boolean
  intValue: Long
  doubleValue: number
  arrayValue: { values: Uint8Array[] }
  kvlistValue: { values: KeyValue[] }
  bytesValue: Uint8Array
}

/** Throws {@link UnreadableBody}. */
export function readSpansByLibrary(body: Uint8Array): WireGroup<WireSpan>[] {
  return guarded(body, 'traces', () =>
    (TracesRequest.decode(body) as unknown as Traces).resourceSpans.flatMap(({ resource, scopeSpans }, r) =>
      scopeSpans.map(({ scope, spans }, s) => ({
        path: `resourceSpans[${r}].scopeSpans[${s}].spans`,
        resource: toAttributes(resource?.attributes ?? []),
        scope: scope?.name ?? '',
        records: spans.map(toWireSpan),
      })),
    ),
  )
}

/** Throws {@link UnreadableBody}. */
export function readLogRecordsByLibrary(body: Uint8Array): WireGroup<WireLogRecord>[] {
  return guarded(body, 'logs', () =>
    (LogsRequest.decode(body) as unknown as Logs).resourceLogs.flatMap(({ resource, scopeLogs }, r) =>
      scopeLogs.map(({ scope, logRecords }, s) => ({
        path: `resourceLogs[${r}].scopeLogs[${s}].logRecords`,
        resource: toAttributes(resource?.attributes ?? []),
        scope: scope?.name ?? '',
        records: logRecords.map(toWireLogRecord),
      })),
    ),
  )
}

function guarded<Wire>(body: Uint8Array, kind: RequestKind, read: () => Wire): Wire {
  guardProtobuf(body, kind)
  try {
    return read()
  } catch (cause) {
    throw new UnreadableBody('The body is not valid protobuf of this request', 400, { cause })
  }
}

function toWireSpan(span: Span): WireSpan {
  return {
    traceId: toHex(span.traceId),
    spanId: toHex(span.spanId),
    parentSpanId: toHex(span.parentSpanId),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: span.startTimeUnixNano.toBigInt(),
    endTimeUnixNano: span.endTimeUnixNano.toBigInt(),
    attributes: toAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(toWireEvent),
    statusCode: span.status?.code ?? 0,
    statusMessage: span.status?.message ?? '',
  }
}

function toWireEvent(event: Event): WireEvent {
  return {
    timeUnixNano: event.timeUnixNano.toBigInt(),
    name: event.name,
    attributes: toAttributes(event.attributes),
    droppedAttributesCount: event.droppedAttributesCount,
  }
}

function toWireLogRecord(record: LogRecord): WireLogRecord {
  return {
    traceId: toHex(record.traceId),
    spanId: toHex(record.spanId),
    eventName: record.eventName,
    timeUnixNano: record.timeUnixNano.toBigInt(),
    observedTimeUnixNano: record.observedTimeUnixNano.toBigInt(),
    severityNumber: record.severityNumber,
    body: toWireValue(record.body, 1),
    attributes: toAttributes(record.attributes),
    droppedAttributesCount: record.droppedAttributesCount,
  }
}

function toAttributes(attributes: readonly KeyValue[], depth = 1): WireAttribute[] {
  return attributes.map(({ key, value }) => ({ key, value: toWireValue(value, depth) }))
}

function toWireValue(bytes: Bytes, depth: number): WireValue {
  if (bytes.length === 0) return null
  if (depth > MAX_VALUE_DEPTH) return TOO_DEEP
  const message = AnyValue.decode(bytes) as unknown as AnyValueMessage
  switch (message.value) {
    case 'stringValue':
    case 'boolValue':
    case 'doubleValue':
    case 'bytesValue':
      return message[message.value]
    case 'intValue':
      return message.intValue.toBigInt()
    case 'arrayValue':
      return { list: message.arrayValue.values.map((value) => toWireValue(value, depth + 1)) }
    case 'kvlistValue':
      return { entries: toAttributes(message.kvlistValue.values, depth + 1) }
    default:
      return null
  }
}

function toHex(id: Bytes): string {
  return id.length === 0 ? '' : Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex')
}
