import { ATTR_RETRY_REASON, ATTR_STAGE_ATTEMPT, ATTR_STAGE_NAME } from '@vividly/instrumentation/semconv'
import type { LogSignal } from '../../signal.ts'
import { attemptOf } from './attemptOf.ts'
import { errorOf } from './errorOf.ts'
import { eventTypeOf } from './eventTypeOf.ts'
import { textOf, wordOf } from './textOf.ts'
import type { SignalError, TrackedSignal } from './TrackedSignal.ts'

/** What a record says, of a request or of a circuit breaker. */
export function trackedLog(log: LogSignal): TrackedSignal {
  const { attributes, message, severity, time_us: us, uid, span_id: spanId, service, host, instance } = log
  const kind = eventTypeOf(log.event_name, attributes)
  const stageName = wordOf(attributes[ATTR_STAGE_NAME])
  return {
    kind,
    isSpan: false,
    stageName,
    attempt: attemptOf(attributes[ATTR_STAGE_ATTEMPT]),
    startedUs: us,
    saidUs: us,
    outcome: outcomeOf(kind, stageName !== null),
    error: errorIn(kind, log),
    message,
    severity,
    uid,
    spanId,
    attributes,
    service,
    host,
    instance,
  }
}

function outcomeOf(kind: string, isOfStage: boolean): string | null {
  switch (kind) {
    case 'request_completed':
    case 'request_failed':
    case 'request_cancelled':
      return kind.slice('request_'.length)
    case 'stage_completed':
    case 'stage_failed':
    case 'stage_skipped':
      return isOfStage ? kind.slice('stage_'.length) : null
    case 'stage_started':
    case 'stage_heartbeat':
      return isOfStage ? 'in_progress' : null
    // It carries the attempt that failed.
    case 'retry':
      return isOfStage ? 'failed' : null
    default:
      return null
  }
}

function errorIn(kind: string, { attributes, message }: LogSignal): SignalError | null {
  if (kind === 'request_failed' || kind === 'stage_failed') return errorOf(attributes, null, message)
  return kind === 'retry' ? errorOf(attributes, null, textOf(attributes[ATTR_RETRY_REASON]) ?? message) : null
}
