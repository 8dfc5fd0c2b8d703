import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api'
import type { Identity } from '../identity.ts'

const ROOT_SPAN_OF = createContextKey('vividly root span')

/** Runs `start`, which starts one span: the root of that request, by its trace ID and root span ID. */
export function asRootSpan<T>(identity: Identity, start: () => T): T {
  return context.with(ROOT_CONTEXT.setValue(ROOT_SPAN_OF, identity), start)
}

/** The request whose root span is being started at this moment. */
export function startingRootSpanOf(): Identity | undefined {
  return context.active().getValue(ROOT_SPAN_OF) as Identity | undefined
}
