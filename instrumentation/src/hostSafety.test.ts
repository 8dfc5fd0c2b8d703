import { afterEach, describe, expect, it } from 'vitest'
import { definePipeline } from './definePipeline.ts'
import { RequestTracker } from './RequestTracker.ts'
import { instrumentForTest } from './testing/instrumentForTest.ts'
import type { TestInstrumentation } from './testing/instrumentForTest.ts'
import type { SinkMode } from './testing/startOtlpSink.ts'

let otel: TestInstrumentation | undefined
afterEach(async () => {
  await otel?.stop()
  otel = undefined
})

/** One request through three stages, the last of which fails. */
async function runHost(tracker: RequestTracker): Promise<{ results: unknown[]; tookMs: number }> {
  const startedMs = performance.now()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  const error = new Error('mail server down')
  const results: unknown[] = [
    await tracker.trackStage(id, 'validation', () => 'valid'),
    await tracker.trackStage(id, 'rag_retrieval', () => 5),
    await tracker
      .trackStage(id, 'notification', () => Promise.reject(error))
      .catch((thrown: unknown) => thrown === error),
  ]
  tracker.failRequest(id, error)
  return { results, tookMs: performance.now() - startedMs }
}

describe.each<[string, SinkMode | 'down']>([
  ['down', 'down'],
  ['hanging', 'hang'],
  ['refusing with 500', 500],
  ['refusing with 503', 503],
])('with a receiver that is %s', (_, mode) => {
  it('the host gets the same results as fast, and one warning an outage', async () => {
    otel = await instrumentForTest({
      mode: mode === 'down' ? 'ok' : mode,
      shutdownTimeoutMs: 100,
      flushTimeoutMs: 100,
      env: {
        OTEL_EXPORTER_OTLP_TIMEOUT: '200',
        OTEL_BLRP_SCHEDULE_DELAY: '10',
        OTEL_BSP_SCHEDULE_DELAY: '10',
      },
    })
    if (mode === 'down') await otel.sink.stop()
    const tracker = new RequestTracker()
    await runHost(tracker)
    const tookMs: number[] = []
    for (let round = 0; round < 40; round += 1) {
      const host = await runHost(tracker)
      expect(host.results).toEqual(['valid', 5, true])
      tookMs.push(host.tookMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // Whoever waited for the receiver would wait for its time-out of 200 ms, or for a round trip each call.
    const medianMs = tookMs.sort((a, b) => a - b)[20]
    expect(medianMs).toBeLessThan(20)
    expect(otel.warnings).toHaveLength(1)
    expect(otel.warnings[0]).toMatch(/can't be delivered/)
  })
})

it('says so again in the next outage, and not in between', async () => {
  otel = await instrumentForTest({
    mode: 400,
    env: { OTEL_BLRP_SCHEDULE_DELAY: '5', OTEL_BSP_SCHEDULE_DELAY: '5' },
  })
  const tracker = new RequestTracker()
  for (const mode of [400, 'ok', 'ok', 400, 400] as const) {
    otel.sink.mode = mode
    await runHost(tracker)
    await otel.flush()
  }
  expect(otel.warnings).toHaveLength(2)
  otel.sink.mode = 'ok'
})

describe('flush and shutdown', () => {
  it('end by their own deadlines when the receiver hangs', async () => {
    otel = await instrumentForTest({ mode: 'hang', flushTimeoutMs: 50, shutdownTimeoutMs: 60 })
    await runHost(new RequestTracker())
    const startedMs = performance.now()
    await otel.flush()
    await otel.shutdown()
    expect(performance.now() - startedMs).toBeLessThan(400)
    expect(otel.warnings.filter((warning) => warning.includes('took over'))).toHaveLength(2)
  })
})

describe('what a host may do wrong', () => {
  it('is one warning a kind, and never an error', async () => {
    otel = await instrumentForTest()
    const tracker = new RequestTracker({ pipeline: definePipeline('content_generation') })
    const bad = undefined as never
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error('trap')
        },
      },
    ) as never
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    for (let round = 0; round < 3; round += 1) {
      for (const wrong of ['', 'no-id', bad, 42 as never, Symbol('id') as never]) {
        tracker.startRequest(wrong)
        tracker.startStage(wrong, 'validation')
        tracker.completeStage(wrong, 'validation')
        tracker.failStage(wrong, 'validation', trap)
        tracker.retryStage(wrong, 'validation', trap)
        tracker.skipStage(wrong, 'validation')
        tracker.completeRequest(wrong)
        tracker.failRequest(wrong, trap)
        tracker.cancelRequest(wrong)
        tracker.logEvent(wrong, 'api_call')
      }
      for (const wrong of [bad, '', trap, 7 as never]) {
        tracker.startStage(id, wrong)
        tracker.completeStage(id, wrong)
        tracker.logEvent(id, wrong)
        expect(
          await tracker.trackStage(id, wrong, (stage) => {
            stage.progress(Number.NaN)
            stage.retry(trap)
            stage.startAttempt()
            stage.log(wrong)
            stage.output(trap)
            return 'done'
          }),
        ).toBe('done')
      }
      tracker.createRequest(bad)
      tracker.createRequest(trap)
      tracker.failStage(id, 'validation', trap)
      tracker.logEvent(id, 'api_call', trap)
      tracker.logEvent(id, 'api_call', {
        data: trap,
        severity: 'loud' as never,
        message: Symbol('m') as never,
      })
    }
    expect(await tracker.trackStage('no-id', 'validation', (stage) => stage.attempt)).toBe(1)
    const kinds = otel.warnings.map((warning) => warning.split(' could not')[0])
    expect(new Set(kinds).size).toBe(kinds.length)
    expect(kinds.length).toBeLessThan(20)
  })

  it('still tracks what can be read of a request and of an output', async () => {
    otel = await instrumentForTest()
    const tracker = new RequestTracker()
    const request = {
      studentId: 17 as never,
      topic: 'Light',
      get studentName(): string {
        throw new Error('lazy')
      },
    }
    const { correlationId: id } = tracker.createRequest(request)
    const cycle: Record<string, unknown> = { rows: 3 }
    cycle['self'] = cycle
    await tracker.trackStage(id, 'validation', (stage) => stage.output(cycle))
    await otel.flush()
    expect(otel.sink.event('vividly.request.created').attributes).toMatchObject({
      'user.id': '17',
      'vividly.request.topic': 'Light',
    })
    expect(otel.sink.event('vividly.stage.completed').attributes['vividly.stage.output']).toEqual({
      rows: 3,
      self: '[circular]',
    })
  })
})

it('works without any SDK, and sends nothing', async () => {
  const { results } = await runHost(new RequestTracker())
  expect(results).toEqual(['valid', 5, true])
})
