import type protobuf from 'protobufjs/light.js'
import { AnyValue, LogsRequest, TracesRequest } from './requestSchema.ts'
import type { WireAttribute, WireGroup, WireLogRecord, WireSpan, WireValue } from '../wire.ts'

/** Encodes groups as a protobuf request body; see {@link encodeJson} for the same in JSON. */
export function encodeProtobufSpans(groups: readonly WireGroup<WireSpan>[]): Buffer<ArrayBuffer> {
  return encode(TracesRequest, {
    resourceSpans: groups.map(({ resource, scope, records }) => ({
      resource: { attributes: resource.map(keyValue) },
      scopeSpans: [{ scope: { name: scope }, spans: (records as WireSpan[]).map(spanMessage) }],
    })),
  })
}

export function encodeProtobufLogRecords(groups: readonly WireGroup<WireLogRecord>[]): Buffer<ArrayBuffer> {
  return encode(LogsRequest, {
    resourceLogs: groups.map(({ resource, scope, records }) => ({
      resource: { attributes: resource.map(keyValue) },
      scopeLogs: [{ scope: { name: scope }, logRecords: (records as WireLogRecord[]).map(logRecordMessage) }],
    })),
  })
}

export function encodeValue(value: WireValue): Uint8Array {
  return AnyValue.encode(valueMessage(value)).finish()
}

function encode(type: protobuf.Type, message: object): Buffer<ArrayBuffer> {
  return Buffer.from(type.encode(message).finish())
}

function spanMessage(span: WireSpan): object {
  const { statusCode, statusMessage, events, ...rest } = span
  return {
    ...rest,
    ...ids(span),
    parentSpanId: Buffer.from(span.parentSpanId, 'hex'),
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: span.attributes.map(keyValue),
    status: { code: statusCode, message: statusMessage },
    events: events.map((event) => ({
      ...event,
      timeUnixNano: String(event.timeUnixNano),
      attributes: event.attributes.map(keyValue),
    })),
  }
}

function logRecordMessage(record: WireLogRecord): object {
  return {
    ...record,
    ...ids(record),
    timeUnixNano: String(record.timeUnixNano),
    observedTimeUnixNano: String(record.observedTimeUnixNano),
    body: encodeValue(record.body),
    attributes: record.attributes.map(keyValue),
  }
}

function ids({ traceId, spanId }: { traceId: string; spanId: string }): object {
  return { traceId: Buffer.from(traceId, 'hex'), spanId: Buffer.from(spanId, 'hex') }
}

function keyValue({ key, value }: WireAttribute): object {
  return { key, value: encodeValue(value) }
}

function valueMessage(value: WireValue): Record<string, unknown> {
  if (value === null || typeof value === 'symbol') return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return { doubleValue: value }
  if (typeof value === 'bigint') return { intValue: String(value) }
  if (value instanceof Uint8Array) return { bytesValue: value }
  if ('list' in value) return { arrayValue: { values: value.list.map(encodeValue) } }
  return { kvlistValue: { values: value.entries.map(keyValue) } }
}
