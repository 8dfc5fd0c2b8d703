import type { Attributes } from '../signal.ts'
import { doubleOf, idOf, int32Of, int64Of, listOf, malformed, nanosOf, objectOf, textOf } from './jsonFields.ts'
import { MAX_NAME_BYTES, MAX_RECORDS, MAX_VALUE_DEPTH } from './limits.ts'
import { parseJson } from './parseJson.ts'
import type { ParsedJson, ParsedObject } from './parseJson.ts'
import { RefusedRecord } from './RefusedRecord.ts'
import { toText } from './toText.ts'
import { UnreadableBody } from './UnreadableBody.ts'
import { TOO_DEEP } from './wire.ts'
import type { Malformed, WireAttribute, WireEvent, WireGroup, WireLogRecord, WireSpan, WireValue } from './wire.ts'

/** Throws {@link UnreadableBody}. */
export function readJsonSpans(body: Buffer): WireGroup<WireSpan>[] {
  return readGroups(body, ['resourceSpans', 'scopeSpans', 'spans'], toWireSpan)
}

/** Throws {@link UnreadableBody}. */
export function readJsonLogRecords(body: Buffer): WireGroup<WireLogRecord>[] {
  return readGroups(body, ['resourceLogs', 'scopeLogs', 'logRecords'], toWireLogRecord)
}

type Names = [resources: string, scopes: string, records: string]

function readGroups<WireRecord>(body: Buffer, names: Names, toWire: (record: ParsedObject) => WireRecord) {
  if (body.length === 0) return []
  const request = parseJson(body)
  try {
    // A body of nothing but `null` is no request, an empty object is an empty one.
    const root = objectOf(request, 'The body')
    if (!root) throw malformed('The body', 'an object')
    return [...groupsOf(root, names, toWire)]
  } catch (cause) {
    if (!(cause instanceof RefusedRecord)) throw cause
    throw new UnreadableBody(`The body is not an OTLP request: ${cause.message}`, 400, { cause })
  }
}

function* groupsOf<WireRecord>(
  root: ParsedObject,
  [resources, scopes, records]: Names,
  toWire: (record: ParsedObject) => WireRecord,
): Generator<WireGroup<WireRecord>> {
  let count = 0
  for (const [r, ofResource] of listOf(root[resources], resources).entries()) {
    const group = objectOf(ofResource, resources) ?? {}
    const resource = toAttributes(objectOf(group['resource'], 'resource')?.['attributes'])
    for (const [s, ofScope] of listOf(group[scopes], scopes).entries()) {
      const inScope = objectOf(ofScope, scopes) ?? {}
      const raw = listOf(inScope[records], records)
      count += raw.length + raw.reduce<number>((sum, record) => sum + eventCount(record), 0)
      if (count > MAX_RECORDS) {
        throw new UnreadableBody(`The request holds more than ${MAX_RECORDS} records; send smaller batches`, 413)
      }
      yield {
        path: `${resources}[${r}].${scopes}[${s}].${records}`,
        resource,
        scope: textOf(objectOf(inScope['scope'], 'scope')?.['name'], 'scope.name'),
        records: raw.map((record) => readRecord(record, toWire)),
      }
    }
  }
}

function eventCount(record: ParsedJson): number {
  const events = record && typeof record === 'object' && !Array.isArray(record) ? record['events'] : undefined
  return Array.isArray(events) ? events.length : 0
}

function readRecord<WireRecord>(
  record: ParsedJson,
  toWire: (record: ParsedObject) => WireRecord,
): WireRecord | Malformed {
  try {
    return toWire(objectOf(record, 'The record') ?? {})
  } catch (error) {
    if (!(error instanceof RefusedRecord)) throw error
    return { malformed: error.message, payload: namesOf(record) }
  }
}

/** Of a record whose types are wrong only its own texts are kept; they are what finds its sender. */
function namesOf(record: ParsedJson): Attributes {
  if (!record || typeof record !== 'object' || Array.isArray(record)) return {}
  const names = ['traceId', 'spanId', 'name', 'eventName'].flatMap((key): [string, string][] => {
    const value = record[key]
    return typeof value === 'string' ? [[key, toText(value, MAX_NAME_BYTES)]] : []
  })
  return Object.fromEntries(names)
}

function toWireSpan(span: ParsedObject): WireSpan {
  const status = objectOf(span['status'], 'status')
  return {
    traceId: idOf(span['traceId'], 'traceId'),
    spanId: idOf(span['spanId'], 'spanId'),
    parentSpanId: idOf(span['parentSpanId'], 'parentSpanId'),
    name: textOf(span['name'], 'name'),
    kind: int32Of(span['kind'], 'kind'),
    startTimeUnixNano: nanosOf(span['startTimeUnixNano'], 'startTimeUnixNano'),
    endTimeUnixNano: nanosOf(span['endTimeUnixNano'], 'endTimeUnixNano'),
    attributes: toAttributes(span['attributes']),
    droppedAttributesCount: int32Of(span['droppedAttributesCount'], 'droppedAttributesCount'),
    events: listOf(span['events'], 'events').map((event) => toWireEvent(objectOf(event, 'events') ?? {})),
    statusCode: int32Of(status?.['code'], 'status.code'),
    statusMessage: textOf(status?.['message'], 'status.message'),
  }
}

function toWireEvent(event: ParsedObject): WireEvent {
  return {
    timeUnixNano: nanosOf(event['timeUnixNano'], 'timeUnixNano'),
    name: textOf(event['name'], 'name'),
    attributes: toAttributes(event['attributes']),
    droppedAttributesCount: int32Of(event['droppedAttributesCount'], 'droppedAttributesCount'),
  }
}

function toWireLogRecord(record: ParsedObject): WireLogRecord {
  return {
    traceId: idOf(record['traceId'], 'traceId'),
    spanId: idOf(record['spanId'], 'spanId'),
    eventName: textOf(record['eventName'], 'eventName'),
    timeUnixNano: nanosOf(record['timeUnixNano'], 'timeUnixNano'),
    observedTimeUnixNano: nanosOf(record['observedTimeUnixNano'], 'observedTimeUnixNano'),
    severityNumber: int32Of(record['severityNumber'], 'severityNumber'),
    body: toWireValue(record['body'], 1),
    attributes: toAttributes(record['attributes']),
    droppedAttributesCount: int32Of(record['droppedAttributesCount'], 'droppedAttributesCount'),
  }
}

function toAttributes(attributes: ParsedJson, depth = 1): WireAttribute[] {
  return listOf(attributes, 'attributes').map((attribute) => {
    const { key, value } = objectOf(attribute, 'attributes') ?? {}
    return { key: textOf(key, 'key'), value: toWireValue(value, depth) }
  })
}

function toWireValue(raw: ParsedJson, depth: number): WireValue {
  const value = objectOf(raw, 'value')
  if (!value || Object.keys(value).length === 0) return null
  if (depth > MAX_VALUE_DEPTH) return TOO_DEEP
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value
  if (isSet(stringValue)) return textOf(stringValue, 'stringValue')
  if (isSet(boolValue)) {
    if (typeof boolValue === 'boolean') return boolValue
    throw malformed('boolValue', 'true or false')
  }
  if (isSet(intValue)) return int64Of(intValue, 'intValue')
  if (isSet(doubleValue)) return doubleOf(doubleValue, 'doubleValue')
  if (isSet(arrayValue)) {
    const values = listOf(objectOf(arrayValue, 'arrayValue')?.['values'], 'arrayValue.values')
    return { list: values.map((element) => toWireValue(element, depth + 1)) }
  }
  if (isSet(kvlistValue)) return { entries: toAttributes(objectOf(kvlistValue, 'kvlistValue')?.['values'], depth + 1) }
  if (isSet(bytesValue)) return Buffer.from(textOf(bytesValue, 'bytesValue'), 'base64')
  return null
}

function isSet(value: ParsedJson): boolean {
  return value !== undefined && value !== null
}
