import { newCorrelationId, rootSpanIdOf, traceIdOf } from '@vividly/instrumentation/identity'

const attribute = ([key, value]: [string, string]) => ({ key, value: { stringValue: value } })
const attributes = (values: Record<string, string>) => Object.entries(values).map(attribute)
const nanos = (unixMs: number) => `${unixMs}000000`

/** What only the tracker may know of the request that is told. */
export const PERSONAL = { student: 'student-4711', name: 'Ann Lee', topic: 'Divorce of my parents', mail: 'ann.lee@example.org' }

/**
 * One failed validation as two OTLP/JSON bodies, with personal data wherever a service may put some: attributes,
 * resource, error message, span event.
 */
export function tellRequest(atMs: number) {
  const traceId = traceIdOf(newCorrelationId(atMs))
  const resource = { attributes: attributes({ 'service.name': 'stranger', 'process.owner': PERSONAL.name }) }
  const personal = { 'user.id': PERSONAL.student, 'user.full_name': PERSONAL.name, 'vividly.request.topic': PERSONAL.topic }
  const span = {
    traceId,
    spanId: 'a1a1a1a1a1a1a1a1',
    parentSpanId: rootSpanIdOf(traceId),
    name: 'validation',
    kind: 1,
    startTimeUnixNano: nanos(atMs),
    endTimeUnixNano: nanos(atMs + 1500),
    status: { code: 2, message: `${PERSONAL.name} asks too much` },
    attributes: attributes({
      'vividly.stage.name': 'validation',
      'vividly.stage.status': 'failed',
      'vividly.pipeline.name': 'content_generation',
      'error.type': 'TopicRefused',
      'gen_ai.request.model': `tuned for ${PERSONAL.mail}`,
      ...personal,
    }),
    events: [{ name: 'exception', timeUnixNano: nanos(atMs), attributes: attributes({ 'exception.message': PERSONAL.topic }) }],
  }
  const query = { ...span, spanId: 'b2b2b2b2b2b2b2b2', parentSpanId: span.spanId, name: 'SELECT', status: {}, events: [], attributes: [] }
  const record = {
    timeUnixNano: nanos(atMs),
    eventName: 'vividly.request.created',
    traceId,
    spanId: rootSpanIdOf(traceId),
    severityNumber: 9,
    attributes: attributes({ ...personal, 'log.record.uid': traceId }),
  }
  return {
    traceId,
    traces: { resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans: [span, query] }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ scope: {}, logRecords: [record] }] }] },
  }
}
