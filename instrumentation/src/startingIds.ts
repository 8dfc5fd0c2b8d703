import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api'

/** Hexadecimal, as a span context has them. */
export type Ids = { readonly traceId: string; readonly spanId: string }

const IDS = createContextKey('vividly span IDs')

/** Runs `start`, which starts one span: with these IDs, if the tracer provider asks a `RequestIdGenerator` for them. */
export function withIds<T>(ids: Ids, start: () => T): T {
  return context.with(ROOT_CONTEXT.setValue(IDS, ids), start)
}

/** The IDs of the span that is being started at this moment, where they are given. */
export function startingIds(): Ids | undefined {
  return context.active().getValue(IDS) as Ids | undefined
}
