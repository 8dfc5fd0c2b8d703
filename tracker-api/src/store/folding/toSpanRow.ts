import type { Json, SpanSignal } from '../../signal.ts'
import { spanAttributes } from './keptAttributes.ts'

/** The row, of the request at that place, that the SQL function `join_spans` takes. */
export function toSpanRow(place: number, span: SpanSignal): Json[] {
  return [
    place, span.span_id, span.parent_span_id, span.name, span.kind, span.status_code, span.status_message,
    span.started_us, span.ended_us, spanAttributes(span.attributes), span.scope, span.service, span.host, span.instance,
  ]
}
