import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE } from '@vividly/instrumentation/semconv'

/**
 * Plain OpenTelemetry: a client span around one call. Inside `trackStage` it becomes a child of the stage's span
 * by itself, and so part of the request's trace.
 */
export function withClientSpan<T>(name: string, attributes: Attributes, call: (span: Span) => Promise<T>): Promise<T> {
  const tracer = trace.getTracer('content-pipeline')
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      return await call(span)
    } catch (error) {
      const { name: type, message } = error instanceof Error ? error : new Error(String(error))
      span.setAttribute(ATTR_ERROR_TYPE, type)
      span.setStatus({ code: SpanStatusCode.ERROR, message })
      throw error
    } finally {
      span.end()
    }
  })
}
