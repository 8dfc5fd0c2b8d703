import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { identityOf, parseIdentity } from '../identity.ts'
import type { Identity } from '../identity.ts'
import { currentContext } from '../requestContext.ts'

/** Carries the correlation ID where people read headers; a complete `traceparent` derives from it. */
export const HEADER_CORRELATION_ID = 'vividly-correlation-id'
/** The same two for a process that is started for a request. */
export const VARIABLE_CORRELATION_ID = 'VIVIDLY_CORRELATION_ID'
/** The name under which OpenTelemetry's own tools pass a `traceparent` to a process. */
export const VARIABLE_TRACEPARENT = 'TRACEPARENT'

/** Of a `fetch` request, of Node's `http`, or of a queue's message. */
export type Carrier = Headers | Readonly<Record<string, unknown>>

const w3c = new W3CTraceContextPropagator()

/**
 * What another process needs to go on with a request, as headers of an HTTP call or of a queue's message: W3C Trace
 * Context, under the span that is active here if it is one of the request's, and the correlation ID.
 * @throws Error where `id` is none of the three spellings.
 */
export function headersOf(id: string): Record<string, string> {
  const identity = identityOf(id)
  const headers: Record<string, string> = { [HEADER_CORRELATION_ID]: identity.correlationId }
  w3c.inject(currentContext(identity), headers, { set: (_, name, value) => (headers[name] = value) })
  return headers
}

/** The request that headers speak of: by their correlation ID, else by their `traceparent`; `undefined` if none. */
export function requestOf(carrier: Carrier): Identity | undefined {
  const named = parseText(read(carrier, HEADER_CORRELATION_ID))
  // The correlation ID of a foreign trace does not always lead back to it.
  return named?.ours === true ? named : (parseText(traceIdIn(contextOf(carrier))) ?? named)
}

/** The context that headers carry, to run work under the caller's span: `context.with(contextOf(headers), work)`. */
export function contextOf(carrier: Carrier): Context {
  return w3c.extract(ROOT_CONTEXT, carrier, { get: read, keys: () => [] })
}

/** As {@link headersOf}, for the environment of a process that is started for the request. */
export function environmentOf(id: string): Record<string, string> {
  const { traceparent = '' } = headersOf(id)
  return { [VARIABLE_CORRELATION_ID]: identityOf(id).correlationId, [VARIABLE_TRACEPARENT]: traceparent }
}

/** The request that this process was started for, if it was for one. @param env as `process.env` */
export function requestFromEnvironment(env: Readonly<Record<string, string | undefined>>): Identity | undefined {
  return requestOf({ [HEADER_CORRELATION_ID]: env[VARIABLE_CORRELATION_ID], traceparent: env[VARIABLE_TRACEPARENT] })
}

const traceIdIn = (base: Context): string | undefined => trace.getSpanContext(base)?.traceId
const parseText = (text: string | undefined): Identity | undefined => (text === undefined ? undefined : parseIdentity(text.trim()))

/** Names of headers have no case; of several values the first counts. Never throws, whatever it is given. */
function read(carrier: Carrier, name: string): string | undefined {
  try {
    if (typeof carrier.get === 'function') return toText((carrier as Headers).get(name))
    const entry = Object.entries(carrier).find(([key]) => key.toLowerCase() === name)
    return toText(Array.isArray(entry?.[1]) ? entry[1][0] : entry?.[1])
  } catch {
    return undefined
  }
}

const toText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
