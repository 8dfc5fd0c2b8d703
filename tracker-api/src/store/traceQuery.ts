import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { sqlState } from './postgresError.ts'

const tracer = trace.getTracer('vividly-tracker')

/**
 * A client span around a query that a traced request makes; the standing looks of the live feed make none.
 * @param doing its summary, as in "listing requests"
 */
export async function traceQuery<T>(doing: string, query: () => Promise<T>): Promise<T> {
  if (trace.getActiveSpan() === undefined) return query()
  const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': doing }
  return tracer.startActiveSpan(doing, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      return await query()
    } catch (error) {
      const state = sqlState(error)
      if (state !== '') span.setAttribute('db.response.status_code', state)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' })
      throw error
    } finally {
      span.end()
    }
  })
}
