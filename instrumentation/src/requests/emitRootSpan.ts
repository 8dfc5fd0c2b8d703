import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Attributes, HrTime } from '@opentelemetry/api'
import type { Identity } from '../identity.ts'
import { tracer } from '../scope.ts'
import { withIds } from '../startingIds.ts'
import { ATTR_MESSAGING_CONVERSATION_ID, ATTR_REQUEST_STATUS } from '../semconv.ts'
import type { RequestOutcome } from '../semconv.ts'

export type RequestEnd = {
  pipeline: string
  outcome: RequestOutcome
  time: HrTime
  attributes: Attributes
  /** Why it failed or was cancelled. */
  message?: string
}

/**
 * The request's root span, whole, at its end: derived IDs, no parent, from the time that the ID holds.
 * A foreign trace has a root of its own already and gets none.
 *
 * @returns false if the host's tracer provider gave the span other IDs, so that it was not sent.
 */
export function emitRootSpan(
  identity: Identity,
  { pipeline, outcome, time, attributes, message }: RequestEnd,
): boolean {
  const { createdAtMs, traceId, rootSpanId, correlationId } = identity
  if (createdAtMs === undefined) return true
  const created: HrTime = [Math.floor(createdAtMs / 1000), (createdAtMs % 1000) * 1_000_000]
  const span = withIds({ traceId, spanId: rootSpanId }, () =>
    tracer().startSpan(pipeline, {
      kind: SpanKind.INTERNAL,
      root: true,
      startTime: created,
      attributes: {
        ...attributes,
        [ATTR_REQUEST_STATUS]: outcome,
        [ATTR_MESSAGING_CONVERSATION_ID]: correlationId,
      },
    }),
  )
  if (!span.isRecording()) return true
  const { traceId: actualTraceId, spanId } = span.spanContext()
  // A span that never ends is never sent, and a root with other IDs would be a request that does not exist.
  if (actualTraceId !== traceId || spanId !== rootSpanId) return false
  if (outcome === 'failed')
    span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
  // The creator's clock may be ahead of ours.
  span.end(isBefore(time, created) ? created : time)
  return true
}

const isBefore = (a: HrTime, b: HrTime): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
