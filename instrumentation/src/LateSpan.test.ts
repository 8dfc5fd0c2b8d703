import { SpanStatusCode, context, trace } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RequestTracker } from './RequestTracker.ts'
import { instrumentForTest } from './testing/instrumentForTest.ts'
import type { TestInstrumentation } from './testing/instrumentForTest.ts'

let otel: TestInstrumentation
beforeEach(async () => {
  otel = await instrumentForTest()
})
afterEach(() => otel.stop())

const spanNamed = (name: string) => otel.sink.spans.find((span) => span.name === name)

test('a stage’s span is like any other to who finds it active: it records, takes attributes, and has children', async () => {
  const tracker = new RequestTracker()
  const { correlationId: id, traceId } = tracker.createRequest({ studentId: 's', topic: 't' })
  const ids = await tracker.trackStage(id, 'validation', () => {
    const span = trace.getActiveSpan()
    trace.getTracer('own').startSpan('child before').end()
    expect(span?.isRecording()).toBe(true)
    span?.setAttribute('own.one', 1).setAttributes({ 'own.two': 2 }).addEvent('own event').updateName('validation of t')
    span?.addLink({ context: { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 } })
    span?.recordException(new Error('passing'))
    span?.setStatus({ code: SpanStatusCode.OK })
    trace.getTracer('own').startSpan('child after').end()
    return span?.spanContext()
  })
  await otel.flush()
  const told = spanNamed('validation of t')
  expect(told).toMatchObject({ spanId: ids?.spanId, traceId, status: { code: 1 }, attributes: { 'own.one': 1, 'own.two': 2, 'vividly.stage.status': 'completed' } })
  expect(told).toMatchObject({ events: [{ name: 'own event' }, { name: 'exception' }], links: [{ spanId: '00f067aa0ba902b7' }] })
  expect([spanNamed('child before')?.parentSpanId, spanNamed('child after')?.parentSpanId]).toEqual([ids?.spanId, ids?.spanId])
  expect(otel.sink.records.filter(({ eventName }) => eventName.startsWith('vividly.stage')).map(({ spanId }) => spanId)).toEqual([ids?.spanId, ids?.spanId])
})

test('its times are those of the calls, not of the telling', async () => {
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  const beforeMs = Date.now()
  tracker.startStage(id, 'validation')
  tracker.completeStage(id, 'validation')
  const afterMs = Date.now()
  // Nothing has been told yet, and now the process is busy.
  while (Date.now() < afterMs + 60);
  await otel.flush()
  const { startTimeUnixNano, endTimeUnixNano } = spanNamed('validation') ?? {}
  const ms = [startTimeUnixNano, endTimeUnixNano].map((nanos) => Number(nanos) / 1e6)
  for (const at of ms) {
    expect(at).toBeGreaterThanOrEqual(beforeMs - 1)
    expect(at).toBeLessThanOrEqual(afterMs + 1)
  }
})

test('where tracing is suppressed there is none, and the records are sent all the same', async () => {
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  await context.with(suppressTracing(context.active()), () => tracker.trackStage(id, 'validation', () => {}))
  await otel.flush()
  expect(otel.sink.spans).toEqual([])
  expect(otel.sink.records.map(({ eventName }) => eventName)).toEqual(['vividly.request.created', 'vividly.stage.started', 'vividly.stage.completed'])
})
