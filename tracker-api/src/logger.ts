import { trace } from '@opentelemetry/api'
import pino from 'pino'

export type Logger = pino.Logger

/** JSON lines on stderr, which leaves stdout to the one line with the page's address. */
export function createLogger(level: string): Logger {
  return pino({ level, base: { service: 'tracker-api' }, mixin: traceOf }, pino.destination({ fd: 2, sync: true }))
}

/** Leads from a line to the trace it was written in, by the field names of OpenTelemetry's own pino instrumentation. */
function traceOf(): object {
  const span = trace.getActiveSpan()?.spanContext()
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }
}
