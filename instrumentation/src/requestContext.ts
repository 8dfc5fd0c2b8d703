import { TraceFlags, context, createContextKey, trace } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import type { Identity } from './identity.ts'

/** The stage whose callback is running. */
export type CurrentStage = { traceId: string; name: string; attempt: number }

const STAGE = createContextKey('vividly stage')

/**
 * The context under which a request's stages start: its root span as a remote parent, ended or not, here or
 * elsewhere. In a foreign trace, whose root nobody can compute, it is the active span where that belongs to it.
 */
export function requestContext(identity: Identity, active: Context = context.active()): Context {
  const span = trace.getSpanContext(active)
  const joins = !identity.ours && span?.traceId === identity.traceId
  // What else the host keeps in its context, baggage say, stays.
  return trace.setSpanContext(active, {
    traceId: identity.traceId,
    spanId: joins ? span.spanId : identity.rootSpanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  })
}

/** Where a note about a request belongs: under the active span where that is in its trace, else under its root. */
export function currentContext(identity: Identity, active: Context = context.active()): Context {
  return trace.getSpanContext(active)?.traceId === identity.traceId ? active : requestContext(identity, active)
}

export const withStage = (base: Context, stage: CurrentStage): Context => base.setValue(STAGE, stage)

/** The stage running in a context, provided it is one of this trace. */
export function stageIn(base: Context, traceId: string | undefined): CurrentStage | undefined {
  const stage = base.getValue(STAGE) as CurrentStage | undefined
  return stage?.traceId === traceId ? stage : undefined
}
