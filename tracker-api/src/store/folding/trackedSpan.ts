import { ATTR_REQUEST_STATUS, ATTR_STAGE_ATTEMPT, ATTR_STAGE_NAME, ATTR_STAGE_STATUS } from '@vividly/instrumentation/semconv'
import type { SpanSignal } from '../../signal.ts'
import { attemptOf } from './attemptOf.ts'
import { errorOf } from './errorOf.ts'
import { textOf, wordOf } from './textOf.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** OTLP StatusCode of a span that failed. */
const ERROR = 2

/** What a span of a request says; `isOurs` tells whether its trace ID is a correlation ID's. */
export function trackedSpan(span: SpanSignal, isOurs: boolean): TrackedSignal {
  const { attributes, service, host, instance } = span
  const kind = kindOf(span, isOurs)
  const outcome = outcomeOf(kind, span)
  return {
    kind,
    isSpan: true,
    stageName: kind === 'stage' ? wordOf(attributes[ATTR_STAGE_NAME]) : null,
    attempt: attemptOf(attributes[ATTR_STAGE_ATTEMPT]),
    startedUs: span.started_us,
    saidUs: span.ended_us,
    outcome,
    error: outcome === 'failed' ? errorOf(attributes, span.exception, span.status_message) : null,
    message: null,
    severity: outcome === 'failed' ? 'error' : 'info',
    uid: null,
    spanId: span.span_id,
    attributes,
    service,
    host,
    instance,
  }
}

/** A stage span is never the root. */
function kindOf({ attributes, trace_id, span_id, parent_span_id }: SpanSignal, isOurs: boolean): 'stage' | 'root' | 'other' {
  if (wordOf(attributes[ATTR_STAGE_NAME]) !== null) return 'stage'
  const isRoot = isOurs ? trace_id.endsWith(span_id) : parent_span_id === null
  return isRoot ? 'root' : 'other'
}

function outcomeOf(kind: 'stage' | 'root' | 'other', { attributes, status_code }: SpanSignal): string | null {
  if (kind === 'other') return null
  const said = textOf(attributes[kind === 'stage' ? ATTR_STAGE_STATUS : ATTR_REQUEST_STATUS])
  return said ?? (status_code === ERROR ? 'failed' : 'completed')
}
