import { context, diag, logs, propagation, trace } from '@opentelemetry/api'
import { SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observeCockatielBreaker } from './breakers/observeCockatielBreaker.ts'
import { observeOpossumBreaker } from './breakers/observeOpossumBreaker.ts'
import { RequestIdGenerator } from './RequestIdGenerator.ts'
import { RequestTracker } from './RequestTracker.ts'
import type { RetryOptions } from './retry/RetryOptions.ts'

// What is the host's own and breaks, or hangs, must not reach its results through us, nor hold them up.

const warnings: string[] = []
beforeEach(() => {
  warnings.length = 0
  const note = (...message: unknown[]): void => void warnings.push(message.map(String).join(' '))
  const silent = (): void => {}
  diag.setLogger({ error: note, warn: note, info: silent, debug: silent, verbose: silent }, { suppressOverrideMessage: true })
})
afterEach(() => {
  for (const api of [diag, trace, logs, context, propagation]) api.disable()
})

const never = (): Promise<never> => new Promise(() => {})
const boom = (): never => {
  throw new Error('boom')
}
const tookMs = async (work: () => unknown): Promise<number> => {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

/** A service of three stages, one of which is tried twice and one of which fails. */
async function runService(tracker: RequestTracker): Promise<unknown[]> {
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  const error = new Error('mail server down')
  let tries = 0
  const flaky = () => {
    tries += 1
    if (tries === 1) throw new Error('503')
    return 'script'
  }
  const results = [
    await tracker.trackStage(id, 'validation', (stage) => {
      stage.progress(0.5)
      stage.log('api_call', { data: { a: 1 } })
      stage.output({ ok: true })
      return 'valid'
    }),
    await tracker.trackStage(id, 'script_generation', flaky, { retry: { initialDelayMs: 0 } }),
    await tracker.trackStage(id, 'notification', () => Promise.reject(error)).catch((thrown: unknown) => thrown === error),
  ]
  tracker.failRequest(id, error)
  return results
}

describe.each<[string, () => unknown]>([
  ['throws', boom],
  ['never answers', () => undefined],
])('an exporter of the host’s that %s', (_, exporting) => {
  test.each(['exporters', 'processors'])('among its own %s changes neither results nor timing', async (where) => {
    const exporter = { export: exporting, forceFlush: never, shutdown: never }
    const processor = { onStart: exporting, onEnd: exporting, onEmit: exporting, forceFlush: never, shutdown: never }
    const isExporter = where === 'exporters'
    const spanProcessor = isExporter ? new SimpleSpanProcessor({ exporter: exporter }) : processor
    const recordProcessor = isExporter ? new SimpleLogRecordProcessor({ exporter: exporter }) : processor
    const idGenerator = new RequestIdGenerator()
    new NodeSDK({ idGenerator, metricReaders: [], spanProcessors: [spanProcessor], logRecordProcessors: [recordProcessor] }).start()
    const tracker = new RequestTracker()
    const times: number[] = []
    for (let round = 0; round < 20; round += 1) {
      times.push(await tookMs(async () => expect(await runService(tracker)).toEqual(['valid', 'script', true])))
    }
    expect(times.sort((a, b) => a - b)[10]).toBeLessThan(25)
    // Each kind of call says so once, however often it fails.
    const ours = warnings.filter((warning) => warning.startsWith('vividly:'))
    expect(new Set(ours).size).toBe(ours.length)
    expect(ours.length).toBeLessThan(10)
  })
})

describe('a callback of the host’s', () => {
  const run = (retry: RetryOptions) => {
    let tries = 0
    const error = new Error('its own')
    const work = () => {
      tries += 1
      throw error
    }
    const tracker = new RequestTracker()
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    return tracker.trackStage(id, 'validation', work, { retry }).then(
      () => ({}),
      (thrown: unknown) => ({ tries, isItsOwn: thrown === error }),
    )
  }

  test.each<[string, RetryOptions]>([
    ['shouldRetry', { shouldRetry: boom }],
    ['delayMs', { delayMs: boom }],
    ['random', { random: boom }],
  ])('%s that throws means no further try, and the error stays the work’s own', async (_, retry) => {
    expect(await tookMs(async () => expect(await run(retry)).toEqual({ tries: 1, isItsOwn: true }))).toBeLessThan(1000)
    expect(warnings).toHaveLength(1)
  })

  test('that promises an answer where none can be waited for is not waited for', async () => {
    const retry = { shouldRetry: never, delayMs: never, random: never, initialDelayMs: 1 } as never
    expect(await tookMs(async () => expect(await run(retry)).toEqual({ tries: 4, isItsOwn: true }))).toBeLessThan(1000)
  })

  test('in what it hands over (toJSON, getters) is asked once, and never waited for', async () => {
    const tracker = new RequestTracker()
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    const data = { toJSON: boom, later: { toJSON: never }, get lazy() { return boom() } }
    const took = await tookMs(async () => {
      const value = await tracker.trackStage(id, 'validation', (stage) => {
        stage.output(data)
        stage.log('api_call', { data })
        return data
      })
      expect(value).toBe(data)
    })
    expect(took).toBeLessThan(1000)
  })

  test('that hangs as a stage’s work holds up no other stage, and ends when its signal says so', async () => {
    const tracker = new RequestTracker()
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    const controller = new AbortController()
    const hanging = tracker.trackStage(
      id,
      'video_generation',
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      { signal: controller.signal },
    )
    expect(await tookMs(() => tracker.trackStage(id, 'validation', () => 'fine'))).toBeLessThan(1000)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(hanging).rejects.toBe(reason)
  })

  test('that is its logger for diagnostics, and throws, is survived too', async () => {
    const silent = (): void => {}
    diag.setLogger({ error: boom, warn: boom, info: silent, debug: silent, verbose: silent }, { suppressOverrideMessage: true })
    const tracker = new RequestTracker()
    tracker.startStage('no request', 'validation')
    expect(await tracker.trackStage('no request', 'validation', () => 'fine')).toBe('fine')
  })
})

describe('a breaker of the host’s that breaks when it is looked at', () => {
  const broken = <T extends object>(breaker: T, works: string): T =>
    new Proxy(breaker, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (property === works) return typeof value === 'function' ? (value.bind(target) as unknown) : value
        return boom()
      },
    })

  test('of cockatiel works on, unobserved', async () => {
    const breaker = broken(circuitBreaker(handleAll, { halfOpenAfter: 10, breaker: new ConsecutiveBreaker(1) }), 'execute')
    const observed = observeCockatielBreaker(breaker, { name: 'trap of cockatiel' })
    expect(await observed.policy.execute(() => 'fine')).toBe('fine')
    await expect(observed.policy.execute(boom)).rejects.toThrow('boom')
    observed.stop()
    expect(warnings).toHaveLength(1)
  })

  test('of opossum works on, unobserved', async () => {
    const breaker = broken(new CircuitBreaker(() => Promise.resolve('fine')), 'fire')
    const observed = observeOpossumBreaker(breaker, { name: 'trap of opossum' })
    expect(await breaker.fire()).toBe('fine')
    observed.stop()
    expect(warnings).toHaveLength(1)
  })
})
