import { context, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'

let otel: TestInstrumentation
let tracker: RequestTracker
let id: string

beforeAll(async () => {
  otel = await instrumentForTest()
})
afterAll(() => otel.stop())
beforeEach(async () => {
  await otel.flush()
  otel.sink.spans.length = 0
  otel.sink.records.length = 0
  tracker = new RequestTracker()
  id = tracker.createRequest({ studentId: 's', topic: 't' }).correlationId
})

const retry = { initialDelayMs: 1 }
const events = (name: string) => otel.sink.records.filter(({ eventName }) => eventName === `vividly.${name}`)

describe('a stage with retries', () => {
  test('calls the work again, each attempt in a span of its own under which its calls stand', async () => {
    let calls = 0
    const value = await tracker.trackStage(
      id,
      'script_generation',
      (stage) => {
        calls += 1
        expect(stage.attempt).toBe(calls)
        trace.getTracer('host').startSpan(`call ${calls}`, {}, context.active()).end()
        if (calls < 3) throw new Error('Gemini answered 503')
        return 'script'
      },
      { retry },
    )
    await otel.flush()
    expect([value, calls]).toEqual(['script', 3])
    const spans = otel.sink.spans
    const stage = spans.find(({ name }) => name === 'script_generation')
    const attempts = spans.filter(({ name }) => name === 'script_generation attempt')
    expect(attempts.map(({ attributes, status, parentSpanId }) => [attributes['vividly.stage.attempt'], status.code, parentSpanId])).toEqual([
      [1, 2, stage?.spanId],
      [2, 2, stage?.spanId],
      [3, 0, stage?.spanId],
    ])
    for (const [index, attempt] of attempts.entries()) {
      expect(spans.find(({ name }) => name === `call ${index + 1}`)?.parentSpanId).toBe(attempt.spanId)
    }
    expect(stage?.attributes).toMatchObject({ 'vividly.stage.attempt': 3, 'vividly.stage.max_attempts': 4, 'vividly.stage.status': 'completed' })
    expect(events('retry').map(({ attributes }) => [attributes['vividly.stage.attempt'], attributes['vividly.retry.reason']])).toEqual([
      [1, 'Gemini answered 503'],
      [2, 'Gemini answered 503'],
    ])
    for (const { attributes } of events('retry')) expect(attributes['vividly.retry.delay_ms']).toEqual(expect.any(Number))
  })

  test('gives up after three retries with the very last error', async () => {
    const errors: Error[] = []
    const failing = () => {
      const error = new Error(`failure ${errors.length + 1}`)
      errors.push(error)
      throw error
    }
    const thrown = await tracker.trackStage(id, 'validation', failing, { retry }).catch((error: unknown) => error)
    expect(errors).toHaveLength(4)
    expect(thrown).toBe(errors[3])
    await otel.flush()
    expect(events('retry')).toHaveLength(3)
    expect(events('stage.failed')).toHaveLength(1)
  })

  test('works the same for a request that can’t be tracked', async () => {
    let calls = 0
    const work = () => {
      calls += 1
      if (calls < 3) throw new Error('not yet')
      return calls
    }
    expect(await tracker.trackStage('no ID at all', 'validation', work, { retry })).toBe(3)
  })

  test('options that throw cost the retries and nothing else', async () => {
    const error = new Error('the host’s own')
    const trap = () => {
      throw new Error('trap')
    }
    const failing = () => Promise.reject(error)
    for (const options of [{ shouldRetry: trap }, { delayMs: trap }, { random: trap }]) {
      await expect(tracker.trackStage(id, 'validation', failing, { retry: { ...retry, ...options } })).rejects.toBe(error)
    }
  })
})

describe('cancellation', () => {
  test('ends the wait between attempts at once; the stage is skipped', async () => {
    const controller = new AbortController()
    const failing = () => {
      setTimeout(() => controller.abort(new Error('student left')), 5)
      throw new Error('503')
    }
    const startedAt = performance.now()
    const work = tracker.trackStage(id, 'validation', failing, {
      retry: { initialDelayMs: 60_000, random: () => 1 },
      signal: controller.signal,
    })
    await expect(work).rejects.toThrow('student left')
    expect(performance.now() - startedAt).toBeLessThan(5000)
    await otel.flush()
    expect(events('stage.skipped')[0]?.message).toContain('cancelled: student left')
    expect(events('stage.failed')).toEqual([])
  })

  test('of a request reaches its stages and cancels it, unless it has ended', async () => {
    const controller = new AbortController()
    tracker.startRequest(id, { signal: controller.signal })
    const work = tracker.trackStage(
      id,
      'validation',
      (stage) =>
        new Promise((_, reject) => {
          stage.signal.addEventListener('abort', () => reject(stage.signal.reason as Error))
        }),
    )
    const ended = tracker.createRequest({ studentId: 's', topic: 'other' }).correlationId
    tracker.startRequest(ended, { signal: controller.signal })
    tracker.completeRequest(ended)
    controller.abort(new Error('deploy'))
    await expect(work).rejects.toThrow('deploy')
    await otel.flush()
    expect(events('request.cancelled')).toHaveLength(1)
    expect(events('request.completed')).toHaveLength(1)
  })
})

describe('await using', () => {
  test('completes with what was said, with its span active in run()', async () => {
    {
      await using stage = tracker.trackStage(id, 'validation')
      stage.run(() => trace.getTracer('host').startSpan('inside', {}, context.active()).end())
      stage.complete({ ok: true })
    }
    await otel.flush()
    const span = otel.sink.spans.find(({ name }) => name === 'validation')
    expect(span?.attributes).toMatchObject({ 'vividly.stage.status': 'completed', 'vividly.stage.output': '{"ok":true}' })
    expect(otel.sink.spans.find(({ name }) => name === 'inside')?.parentSpanId).toBe(span?.spanId)
  })

  test('a block that throws has failed, and so has one that does not say how it ended', async () => {
    const block = async () => {
      await using stage = tracker.trackStage(id, 'validation')
      stage.progress(0.5)
      throw new Error('the block’s own')
    }
    await expect(block()).rejects.toThrow('the block’s own')
    await otel.flush()
    expect(events('stage.failed')[0]?.attributes['exception.message']).toContain('left without complete() or fail()')
  })
})

describe('signs of life', () => {
  test('come by themselves while a stage runs, with the event loop’s lag, and end with it', async () => {
    await tracker.trackStage(id, 'video_generation', () => new Promise((resolve) => setTimeout(resolve, 1600)), { heartbeatIntervalMs: 300 })
    await otel.flush()
    const beats = events('stage.heartbeat')
    expect(beats.length).toBeGreaterThanOrEqual(2)
    expect(beats[0]?.attributes['vividly.process.event_loop_lag_ms']).toEqual(expect.any(Number))
    await new Promise((resolve) => setTimeout(resolve, 700))
    await otel.flush()
    expect(events('stage.heartbeat')).toHaveLength(beats.length)
  })

  test('of progress, at most one a second is told, and always the newest', async () => {
    await tracker.trackStage(id, 'video_generation', (stage) => {
      for (let done = 0; done <= 1000; done += 1) stage.progress(done / 1000)
    })
    await otel.flush()
    const ratios = events('stage.heartbeat').map(({ attributes }) => attributes['vividly.stage.progress.ratio'])
    expect(ratios).toEqual([0, 1])
  })
})
