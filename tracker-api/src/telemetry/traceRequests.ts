import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'

const tracer = trace.getTracer('vividly-tracker')
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * A server span for each request but probes and scrapes, child of the caller's by `traceparent`. It tells the route,
 * never the address: a search may hold a person's name. A stream's span ends when it begins to flow.
 */
export const traceRequests: MiddlewareHandler = async (c, next) => {
  if (UNTRACED.has(c.req.path)) return next()
  const { method } = c.req
  const parent = propagation.extract(context.active(), c.req.header())
  await tracer.startActiveSpan(method, { kind: SpanKind.SERVER }, parent, async (span) => {
    try {
      await next()
      const route = routePath(c, -1)
      span.updateName(`${method} ${route}`)
      span.setAttributes({
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': c.res.status,
      })
      if (c.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    } finally {
      span.end()
    }
  })
}
