import type { SpanSignal } from '../signal.ts'
import { MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts'
import { NOTE_CLOCK_SKEW_US } from './notes.ts'
import { required, toSpanId, toTraceId } from './toIds.ts'
import { toJsonAttributes } from './toJson.ts'
import { toMicroseconds } from './toMicroseconds.ts'
import type { Source } from './toSource.ts'
import { toText } from './toText.ts'
import type { WireSpan } from './wire.ts'

const SPAN_KINDS = 6
const STATUS_CODES = 3

/** All but the exception, which comes from the span's events. Throws {@link RefusedRecord}. */
export function toSpanSignal(span: WireSpan, source: Source, scope: string): SpanSignal {
  const traceId = required(toTraceId(span.traceId), 'bad_trace_id', 'traceId')
  const spanId = required(toSpanId(span.spanId), 'bad_span_id', 'spanId')
  const parentSpanId = toSpanId(span.parentSpanId, 'parentSpanId')
  const startedUs = toMicroseconds(span.startTimeUnixNano, 'startTimeUnixNano')
  const claimedEndUs = toMicroseconds(span.endTimeUnixNano, 'endTimeUnixNano')
  const attributes = toJsonAttributes(span.attributes, span.droppedAttributesCount)
  if (claimedEndUs < startedUs) attributes[NOTE_CLOCK_SKEW_US] = startedUs - claimedEndUs
  return {
    ...source,
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: parentSpanId,
    name: toText(span.name, MAX_NAME_BYTES),
    kind: span.kind > 0 && span.kind < SPAN_KINDS ? span.kind : 0,
    started_us: startedUs,
    ended_us: Math.max(startedUs, claimedEndUs),
    status_code: span.statusCode > 0 && span.statusCode < STATUS_CODES ? span.statusCode : 0,
    status_message: span.statusMessage === '' ? null : toText(span.statusMessage, MAX_TEXT_BYTES),
    attributes,
    exception: null,
    scope: scope === '' ? null : toText(scope, MAX_NAME_BYTES),
  }
}
