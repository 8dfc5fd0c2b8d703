import { context, createContextKey, propagation, trace } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseIdentity } from '../identity.ts'
import { definePipeline } from '../definePipeline.ts'
import { RequestTracker } from '../RequestTracker.ts'
import type { TrackedStage } from './TrackedStage.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'

let otel: TestInstrumentation
let tracker: RequestTracker<string>
const newRequest = { studentId: 's-17', topic: 'Photosynthesis' }

beforeAll(async () => {
  otel = await instrumentForTest()
})
afterAll(() => otel.stop())
beforeEach(async () => {
  await otel.flush()
  otel.sink.spans.length = 0
  otel.sink.records.length = 0
  otel.warnings.length = 0
  tracker = new RequestTracker({ pipeline: definePipeline('content_generation') })
})

const spanNamed = (name: string) => {
  const found = otel.sink.spans.filter((span) => span.name === name)
  expect(found).toHaveLength(1)
  return found[0] as (typeof found)[0]
}

describe('trackStage', () => {
  it('gives back the very value, with the output that was said and nothing else', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    const value = { secret: true }
    const got = await tracker.trackStage(id, 'validation', (stage) => {
      stage.progress(0.25, 'reading')
      stage.output({ ok: true })
      return value
    })
    expect(got).toBe(value)
    await otel.flush()
    expect(spanNamed('validation').attributes['vividly.stage.output']).toBe('{"ok":true}')
    expect(otel.sink.event('vividly.stage.heartbeat')).toMatchObject({
      message: 'validation 25 %: reading',
      attributes: { 'vividly.stage.progress.ratio': 0.25, 'vividly.stage.progress.message': 'reading' },
    })
    expect(JSON.stringify(otel.sink)).not.toContain('secret')
  })

  it.each([new RangeError('too long'), 'a string', undefined, null, Object.freeze({ odd: 1 })])(
    'throws on the very error %s',
    async (error) => {
      const { correlationId: id } = tracker.createRequest(newRequest)
      const throwing = (): never => {
        throw error
      }
      await expect(tracker.trackStage(id, 'validation', throwing)).rejects.toBe(error)
      await otel.flush()
      expect(spanNamed('validation')).toMatchObject({
        status: { code: 2 },
        attributes: { 'vividly.stage.status': 'failed' },
      })
      expect(otel.sink.event('vividly.stage.failed').severityNumber).toBe(17)
    },
  )

  it('nests what is traced inside, keeps the host context, and retries as told', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    const attempts: number[] = []
    const hostKey = createContextKey('host')
    const hostContext = context.active().setValue(hostKey, 'kept')
    const work = async (stage: TrackedStage): Promise<void> => {
      attempts.push(stage.attempt)
      expect(context.active().getValue(hostKey)).toBe('kept')
      stage.retry({ delayMs: 1, reason: 'outage', error: new Error('503') })
      await new Promise((resolve) => setTimeout(resolve, 1))
      stage.startAttempt()
      attempts.push(stage.attempt)
      trace.getTracer('host').startActiveSpan('provider call', (span) => span.end())
      stage.log('api_call', { data: { status: 200 } })
    }
    await context.with(hostContext, () => tracker.trackStage(id, 'video_generation', work, { maxAttempts: 4 }))
    await otel.flush()
    const stage = spanNamed('video_generation')
    expect(attempts).toEqual([1, 2])
    expect(stage.attributes).toMatchObject({ 'vividly.stage.attempt': 2, 'vividly.stage.max_attempts': 4 })
    expect(spanNamed('provider call')).toMatchObject({ traceId: stage.traceId, parentSpanId: stage.spanId })
    expect(otel.sink.event('vividly.api_call')).toMatchObject({
      spanId: stage.spanId,
      attributes: { status: 200, 'vividly.stage.attempt': 2 },
    })
  })

  it('propagates by W3C Trace Context from inside a stage', async () => {
    const { correlationId: id, traceId } = tracker.createRequest(newRequest)
    const carrier: Record<string, string> = {}
    await tracker.trackStage(id, 'validation', () => propagation.inject(context.active(), carrier))
    await otel.flush()
    expect(carrier['traceparent']).toBe(`00-${traceId}-${spanNamed('validation').spanId}-01`)
  })

  it('keeps stages of the same request apart that run at once', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        tracker.trackStage(id, name, async (stage) => {
          await pause()
          stage.log('cache_hit', { data: { name } })
        }),
      ),
    )
    await otel.flush()
    for (const record of otel.sink.records.filter(({ eventName }) => eventName === 'vividly.cache_hit')) {
      expect(record.spanId).toBe(spanNamed(String(record.attributes['name'])).spanId)
    }
  })
})

it('tells a request whose host suppresses tracing just here', async () => {
  const { correlationId: id, traceId } = tracker.createRequest(newRequest)
  await context.with(suppressTracing(context.active()), () => tracker.trackStage(id, 'validation', () => {}))
  await otel.flush()
  expect(otel.sink.spans).toEqual([])
  expect(otel.sink.event('vividly.stage.completed')).toMatchObject({
    traceId,
    spanId: parseIdentity(id)?.rootSpanId,
  })
})

describe('foreign traces', () => {
  it('joins the active span, and leaves the root to whoever owns the trace', async () => {
    await trace.getTracer('host').startActiveSpan('incoming', async (incoming) => {
      const { traceId, spanId } = incoming.spanContext()
      const { requestId } = tracker.createRequest({ ...newRequest, id: traceId })
      expect(requestId.replaceAll('-', '')).toBe(parseIdentity(traceId)?.correlationId)
      await tracker.trackStage(traceId, 'validation', () => {})
      tracker.completeRequest(traceId)
      incoming.end()
      await otel.flush()
      expect(spanNamed('validation')).toMatchObject({ traceId, parentSpanId: spanId })
      expect(otel.sink.event('vividly.request.completed')).toMatchObject({ traceId, spanId })
      expect(otel.sink.spans.map((span) => span.name).sort()).toEqual(['incoming', 'validation'])
    })
  })
})
