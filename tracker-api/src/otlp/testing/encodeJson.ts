import type { WireAttribute, WireGroup, WireLogRecord, WireSpan, WireValue } from '../wire.ts'

/**
 * Encodes groups as a JSON request body, taking every freedom that OTLP's JSON form gives: hex in either case,
 * 64-bit integers as text or number, absent or empty defaults, unknown fields.
 */
export function encodeJsonSpans(groups: readonly WireGroup<WireSpan>[]): Buffer<ArrayBuffer> {
  return encode({
    resourceSpans: groups.map(({ resource, scope, records }) => ({
      resource: { attributes: resource.map(keyValue), droppedAttributesCount: 0 },
      scopeSpans: [{ scope: { name: scope, version: '1' }, spans: (records as WireSpan[]).map(spanObject) }],
      schemaUrl: 'unknown to us',
    })),
  })
}

export function encodeJsonLogRecords(groups: readonly WireGroup<WireLogRecord>[]): Buffer<ArrayBuffer> {
  return encode({
    resourceLogs: groups.map(({ resource, scope, records }) => ({
      resource: { attributes: resource.map(keyValue) },
      scopeLogs: [{ scope: { name: scope }, logRecords: (records as WireLogRecord[]).map(logRecordObject) }],
    })),
  })
}

/** Stands for an integer that is written without quotes. */
const BARE = '\u0001bare:'

function encode(request: object): Buffer<ArrayBuffer> {
  return Buffer.from(JSON.stringify(request).replaceAll(/"\\u0001bare:(-?\d+)"/g, '$1'))
}

function int64(value: bigint): string {
  return value % 2n === 0n ? String(value) : `${BARE}${value}`
}

function hex(id: string): string {
  return id.endsWith('a') ? id.toUpperCase() : id
}

function spanObject({ statusCode, statusMessage, ...span }: WireSpan): object {
  return {
    ...span,
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: span.parentSpanId === '' ? undefined : hex(span.parentSpanId),
    startTimeUnixNano: int64(span.startTimeUnixNano),
    endTimeUnixNano: int64(span.endTimeUnixNano),
    attributes: span.attributes.map(keyValue),
    status: statusCode === 0 && statusMessage === '' ? {} : { code: statusCode, message: statusMessage },
    events: span.events.map((event) => ({
      ...event,
      timeUnixNano: int64(event.timeUnixNano),
      attributes: event.attributes.map(keyValue),
    })),
    futureField: { nested: [1, 2, { deeper: null }] },
  }
}

function logRecordObject(record: WireLogRecord): object {
  return {
    ...record,
    traceId: hex(record.traceId),
    spanId: hex(record.spanId),
    timeUnixNano: int64(record.timeUnixNano),
    observedTimeUnixNano: int64(record.observedTimeUnixNano),
    severityNumber: record.severityNumber === 0 ? undefined : record.severityNumber,
    body: valueObject(record.body),
    attributes: record.attributes.map(keyValue),
  }
}

function keyValue({ key, value }: WireAttribute): object {
  return { key, value: valueObject(value) }
}

function valueObject(value: WireValue): object {
  if (value === null || typeof value === 'symbol') return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return { doubleValue: Number.isFinite(value) ? value : String(value) }
  if (typeof value === 'bigint') return { intValue: int64(value) }
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') }
  if ('list' in value) return { arrayValue: { values: value.list.map(valueObject) } }
  return { kvlistValue: { values: value.entries.map(keyValue) } }
}
