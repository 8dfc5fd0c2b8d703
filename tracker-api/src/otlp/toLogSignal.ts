import { ATTR_LOG_RECORD_UID } from '@vividly/instrumentation/semconv'
import type { Attributes, LogSignal } from '../signal.ts'
import { MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts'
import { severityOf } from './severityOf.ts'
import { toSpanId, toTraceId } from './toIds.ts'
import { toJson, toJsonAttributes } from './toJson.ts'
import { toMicroseconds } from './toMicroseconds.ts'
import type { Source } from './toSource.ts'
import { toText } from './toText.ts'
import type { WireEvent, WireLogRecord, WireValue } from './wire.ts'

/** OpenTelemetry's attribute for the name, from before log records had a field for it. */
const ATTR_EVENT_NAME = 'event.name'

/** Throws {@link RefusedRecord}. */
export function toLogSignal(record: WireLogRecord, source: Source): LogSignal {
  const { [ATTR_LOG_RECORD_UID]: uid, ...attributes } = toJsonAttributes(
    record.attributes,
    record.droppedAttributesCount,
  )
  const eventName = nameOf(record.eventName || attributes[ATTR_EVENT_NAME], attributes)
  return {
    ...source,
    trace_id: toTraceId(record.traceId),
    span_id: toSpanId(record.spanId),
    event_name: eventName,
    message: toMessage(record.body),
    severity: severityOf(record.severityNumber, eventName, attributes),
    time_us: toMicroseconds(record.timeUnixNano || record.observedTimeUnixNano, 'timeUnixNano'),
    // One too long for a key is none; the record's content is its identity then.
    uid: typeof uid === 'string' && uid !== '' && Buffer.byteLength(uid) <= MAX_NAME_BYTES ? uid : null,
    attributes,
  }
}

/** A span event is a log record of its span. Throws {@link RefusedRecord}. */
export function toEventSignal(event: WireEvent, source: Source, traceId: string, spanId: string): LogSignal {
  const attributes = toJsonAttributes(event.attributes, event.droppedAttributesCount)
  const eventName = nameOf(event.name, attributes)
  return {
    ...source,
    trace_id: traceId,
    span_id: spanId,
    event_name: eventName,
    message: null,
    severity: severityOf(0, eventName, attributes),
    time_us: toMicroseconds(event.timeUnixNano, 'timeUnixNano'),
    uid: null,
    attributes,
  }
}

function nameOf(name: unknown, attributes: Attributes): string {
  if (typeof name === 'string' && name !== '') return toText(name, MAX_NAME_BYTES)
  return Object.keys(attributes).some((key) => key.startsWith('exception.')) ? 'exception' : 'log'
}

function toMessage(body: WireValue): string | null {
  if (body === null) return null
  const json = toJson(body, MAX_TEXT_BYTES)
  return typeof json === 'string' ? json : toText(JSON.stringify(json), MAX_TEXT_BYTES)
}
