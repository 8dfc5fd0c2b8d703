import { parseIdentity } from '@vividly/instrumentation/identity'
import { EVENT_CIRCUIT_BREAKER_STATUS, VIVIDLY_NAMESPACE } from '@vividly/instrumentation/semconv'
import type { Attributes, LogSignal, SpanSignal } from '../../signal.ts'
import { trackedLog } from './trackedLog.ts'
import { trackedSpan } from './trackedSpan.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** A signal as a caller hands it on: the organization of the token that it came by. */
export type Owned<Signal> = Signal & { owner?: string | null }

/** What a batch says of one request. */
export type SaidOfRequest = {
  requestId: string
  /** Where the request ID does not spell it. */
  foreignTraceId: string | null
  /** Of the tokens by which it came; none where no tokens are in force. */
  owners: Set<string>
  /** Empty where all that came is of no concern: spans of a foreign trace that carry nothing of ours. */
  signals: TrackedSignal[]
  spans: SpanSignal[]
}

const BREAKER_EVENTS = EVENT_CIRCUIT_BREAKER_STATUS.slice(0, EVENT_CIRCUIT_BREAKER_STATUS.lastIndexOf('.') + 1)

/**
 * Reads signals by what they are of: the requests in the order of their IDs, and records of circuit breakers, within a request or not.
 * @param unread signals of which only the request matters.
 */
export function readBatch(
  spans: readonly Owned<SpanSignal>[],
  logs: readonly Owned<LogSignal>[],
  unread: readonly Owned<SpanSignal | LogSignal>[],
): { requests: SaidOfRequest[]; breakers: TrackedSignal[] } {
  const byTrace = new Map<string, { isOurs: boolean; request: SaidOfRequest }>()
  const byRequest = new Map<string, SaidOfRequest>()
  const breakers: TrackedSignal[] = []

  function find(traceId: string): { isOurs: boolean; request: SaidOfRequest } | undefined {
    const known = byTrace.get(traceId)
    if (known !== undefined) return known
    const identity = parseIdentity(traceId)
    if (identity === undefined) return undefined
    const { requestId, ours: isOurs } = identity
    const foreignTraceId = requestId.replaceAll('-', '') === traceId ? null : traceId
    const request = byRequest.get(requestId) ?? { requestId, foreignTraceId, owners: new Set(), signals: [], spans: [] }
    request.foreignTraceId ??= foreignTraceId
    byRequest.set(requestId, request)
    const found = { isOurs, request }
    byTrace.set(traceId, found)
    return found
  }

  for (const { trace_id, owner } of unread) {
    const found = trace_id === null ? undefined : find(trace_id)
    if (owner) found?.request.owners.add(owner)
  }
  for (const span of spans) {
    const found = find(span.trace_id)
    if (found === undefined) continue
    const { isOurs, request } = found
    if (span.owner) request.owners.add(span.owner)
    if (!isOurs && !carriesOurs(span.attributes)) continue
    request.signals.push(trackedSpan(span, isOurs))
    request.spans.push(span)
  }
  for (const log of logs) {
    const found = log.trace_id === null ? undefined : find(log.trace_id)
    if (found !== undefined && log.owner) found.request.owners.add(log.owner)
    const isTracked = found !== undefined && (found.isOurs || log.event_name.startsWith(VIVIDLY_NAMESPACE) || carriesOurs(log.attributes))
    if (!isTracked && !log.event_name.startsWith(BREAKER_EVENTS)) continue
    const signal = trackedLog(log)
    if (isTracked) found.request.signals.push(signal)
    if (signal.kind.startsWith('circuit_breaker_')) breakers.push(signal)
  }
  return { requests: [...byRequest.values()].toSorted((a, b) => (a.requestId < b.requestId ? -1 : 1)), breakers }
}

function carriesOurs(attributes: Attributes): boolean {
  return Object.keys(attributes).some((name) => name.startsWith(VIVIDLY_NAMESPACE))
}
