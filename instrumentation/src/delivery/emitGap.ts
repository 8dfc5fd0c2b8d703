import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { emitNow } from '../emitEvent.ts'
import {
  ATTR_LOST_FROM,
  ATTR_LOST_REASONS,
  ATTR_LOST_RECORDS,
  ATTR_LOST_SPANS,
  ATTR_LOST_TO,
  EVENT_TELEMETRY_GAP,
} from '../semconv.ts'
import type { Gap } from './GapLedger.ts'

/** Tells the tracker of a loss, in the request it happened to. */
export function emitGap({ traceId, records, spans, fromMs, toMs, reasons }: Gap): void {
  const root = { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true }
  emitNow({
    name: EVENT_TELEMETRY_GAP,
    message: `${records} records and ${spans} spans of this service were lost (${reasons.join(', ')})`,
    severity: 'warning',
    context: traceId === '' ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, root),
    attributes: {
      [ATTR_LOST_RECORDS]: records,
      [ATTR_LOST_SPANS]: spans,
      [ATTR_LOST_REASONS]: reasons,
      [ATTR_LOST_FROM]: new Date(fromMs).toISOString(),
      [ATTR_LOST_TO]: new Date(toMs).toISOString(),
    },
  })
}
