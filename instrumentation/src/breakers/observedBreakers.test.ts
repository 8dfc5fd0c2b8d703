import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newCorrelationId } from '../identity.ts'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'
import type { CircuitBreakerObserver } from './observeCircuitBreaker.ts'
import { observeCockatielBreaker } from './observeCockatielBreaker.ts'
import { observeOpossumBreaker } from './observeOpossumBreaker.ts'

// One suite for the adapters of all libraries, each on the real library.

type Call = <T>(work: () => Promise<T> | T) => Promise<T>
type Observed = Pick<CircuitBreakerObserver, 'counts' | 'state' | 'stop'> & {
  /** Through the observed breaker. */
  call: Call
}
type Settings = { name: string; halfOpenAfterMs: number; slowCallMs?: number }
type Library = {
  library: string
  /** A breaker that two failures open. */
  observe: (settings: Settings) => Observed
  refusal: string
  /** Whether it takes a call to half-open, or time is enough. */
  halfOpens: 'with a call' | 'by itself'
}

const LIBRARIES: Library[] = [
  {
    library: 'cockatiel',
    observe({ halfOpenAfterMs, ...options }) {
      const breaker = circuitBreaker(handleAll, { halfOpenAfter: halfOpenAfterMs, breaker: new ConsecutiveBreaker(2) })
      const observer = observeCockatielBreaker(breaker, { ...options, halfOpenAfterMs })
      const call: Call = (work) => observer.policy.execute(work)
      return Object.assign(observer, { call })
    },
    refusal: 'Execution prevented because the circuit breaker is open',
    halfOpens: 'with a call',
  },
  {
    library: 'opossum',
    observe({ halfOpenAfterMs, ...options }) {
      const breaker = new CircuitBreaker(async (work: () => unknown) => work(), {
        resetTimeout: halfOpenAfterMs,
        volumeThreshold: 2,
        timeout: 400,
      })
      return Object.assign(observeOpossumBreaker(breaker, options), { call: ((work) => breaker.fire(work)) as Call })
    },
    refusal: 'Breaker is open',
    halfOpens: 'by itself',
  },
]

let otel: TestInstrumentation
const stops: (() => void)[] = []
beforeEach(async () => {
  otel = await instrumentForTest({
    env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json', OTEL_METRIC_EXPORT_INTERVAL: '50', OTEL_METRIC_EXPORT_TIMEOUT: '50' },
  })
})
afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await otel.stop()
})

const outage = () => Promise.reject(new Error('503'))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const recordsOf = (event: string) => otel.sink.records.filter(({ eventName }) => eventName === event)
const changes = () =>
  recordsOf('vividly.circuit_breaker.state_changed').map(({ attributes, traceId }) => ({
    change: `${String(attributes['vividly.circuit_breaker.previous_state'])} ${String(attributes['vividly.circuit_breaker.state'])}`,
    traceId: traceId ?? '',
  }))

describe.each(LIBRARIES)('a breaker of $library', ({ observe, refusal, halfOpens }) => {
  const observed = (settings: Partial<Settings> = {}): Observed => {
    const made = observe({ name: 'gemini', halfOpenAfterMs: 60_000, ...settings })
    stops.push(made.stop)
    return made
  }

  test('is told at each change, in the trace of the request whose call made it, and names itself in what it stopped', async () => {
    const tracker = new RequestTracker()
    const { correlationId: id, traceId } = tracker.createRequest({ studentId: 's', topic: 't' })
    const breaker = observed({ halfOpenAfterMs: 80 })
    const startedMs = Date.now()
    let stoppedBy: unknown
    for (let call = 0; call < 3; call += 1) {
      await tracker
        .trackStage(id, 'script_generation', () => breaker.call(outage), { attempt: 2 })
        .catch((error: unknown) => (stoppedBy = error))
    }
    tracker.failRequest(id, stoppedBy, { stage: 'script_generation' })
    expect(breaker.counts).toEqual({ calls: 2, failures: 2, slow: 0, rejected: 1 })
    expect(breaker.state).toBe('open')

    await otel.flush()
    const opened = otel.sink.event('vividly.circuit_breaker.state_changed')
    expect(opened).toMatchObject({
      traceId,
      severityNumber: 17,
      message: 'circuit breaker gemini: closed → open',
      attributes: {
        'vividly.circuit_breaker.calls': 2,
        'vividly.circuit_breaker.failures': 2,
        'vividly.circuit_breaker.rejected': 0,
        'vividly.stage.name': 'script_generation',
        'vividly.stage.attempt': 2,
      },
    })
    const retryAtMs = Date.parse(String(opened.attributes['vividly.circuit_breaker.retry_at']))
    expect(retryAtMs - startedMs).toBeGreaterThanOrEqual(80)
    expect(retryAtMs - startedMs).toBeLessThan(1000)
    const stopped = [...recordsOf('vividly.stage.failed'), otel.sink.event('vividly.request.failed')]
    expect(stopped.map(({ attributes }) => attributes['vividly.circuit_breaker.name'])).toEqual(['gemini', 'gemini', 'gemini', 'gemini'])
    expect(stopped.at(-1)?.message).toBe(`request failed in script_generation: ${refusal}`)

    await pause(100)
    await tracker.trackStage(id, 'notification', () => breaker.call(() => 'well again'))
    await otel.flush()
    expect(changes()).toEqual([
      { change: 'closed open', traceId },
      { change: 'open half_open', traceId: halfOpens === 'by itself' ? '' : traceId },
      { change: 'half_open closed', traceId },
    ])
    expect(breaker.counts).toEqual({ calls: 3, failures: 2, slow: 0, rejected: 1 })
  })

  test('gives what it gave before: value, error, refusal', async () => {
    const breaker = observed()
    const value = {}
    const error = new Error('very own')
    expect(await breaker.call(() => value)).toBe(value)
    await expect(breaker.call(() => Promise.reject(error))).rejects.toBe(error)
    await expect(breaker.call(() => Promise.reject(error))).rejects.toBe(error)
    await breaker.call(outage).catch(() => {})
    await expect(breaker.call(() => value)).rejects.toThrow(refusal)
  })

  test('has its slow calls counted, whether they succeed or fail', async () => {
    const breaker = observed({ slowCallMs: 150 })
    await breaker.call(() => pause(200))
    await breaker.call(() => 'fast')
    await breaker.call(() => pause(200).then(outage)).catch(() => {})
    expect(breaker.counts).toEqual({ calls: 3, failures: 1, slow: 2, rejected: 0 })
  })

  test('makes a stage with retries wait until it may be tried, and spend one attempt on that', async () => {
    const breaker = observed({ halfOpenAfterMs: 150 })
    await breaker.call(outage).catch(() => {})
    await breaker.call(outage).catch(() => {})
    let attempts = 0
    const work = () => {
      attempts += 1
      return breaker.call(() => 'back')
    }
    const retry = { initialDelayMs: 1 }
    expect(await new RequestTracker().trackStage(newCorrelationId(Date.now()), 'validation', work, { retry })).toBe('back')
    expect(attempts).toBe(2)
  })

  test('makes the stage whose call opened it wait at once, so that no attempt is spent on a refusal', async () => {
    const breaker = observed({ halfOpenAfterMs: 150 })
    await breaker.call(outage).catch(() => {})
    let calls = 0
    const work = () =>
      breaker.call(() => {
        calls += 1
        if (calls === 1) throw new Error('503')
        return 'back'
      })
    const retry = { initialDelayMs: 1 }
    expect(await new RequestTracker().trackStage(newCorrelationId(Date.now()), 'validation', work, { retry })).toBe('back')
    expect([calls, breaker.counts.rejected]).toEqual([2, 0])
  })

  test('that hangs holds up its own call and nothing else', async () => {
    const tracker = new RequestTracker()
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    const breaker = observed()
    const never = new Promise<never>(() => {})
    let hasEnded = false
    void tracker
      .trackStage(id, 'video_generation', () => breaker.call(() => never), { heartbeatIntervalMs: 300 })
      .catch(() => {})
      .finally(() => (hasEnded = true))
    const startedMs = performance.now()
    expect(await tracker.trackStage(id, 'validation', () => breaker.call(() => 'fine'))).toBe('fine')
    expect(performance.now() - startedMs).toBeLessThan(300)
    expect(hasEnded).toBe(false)
    // Alive, and said to be so: its owner's time-out decides, not we.
    await otel.sink.waitFor('a heartbeat', () => recordsOf('vividly.stage.heartbeat').length > 0)
  })

  test('is measured: state, calls, durations, slow calls, changes, and the time to half-open', async () => {
    const breaker = observed({ halfOpenAfterMs: 60_000, slowCallMs: 20 })
    await breaker.call(() => pause(30))
    for (let call = 0; call < 3; call += 1) await breaker.call(outage).catch(() => {})
    const latest = (metric: string, attributes: Record<string, unknown>): number | undefined =>
      otel.sink.points.findLast((point) => {
        const wanted = { 'vividly.circuit_breaker.name': 'gemini', ...attributes }
        return point.metric === metric && Object.entries(wanted).every(([key, value]) => point.attributes[key] === value)
      })?.value
    await otel.sink.waitFor('the refusal', () => latest('vividly.breaker.calls', { 'vividly.breaker.outcome': 'rejected' }) !== undefined)
    const told = {
      success: latest('vividly.breaker.calls', { 'vividly.breaker.outcome': 'success' }),
      failure: latest('vividly.breaker.calls', { 'vividly.breaker.outcome': 'failure' }),
      rejected: latest('vividly.breaker.calls', { 'vividly.breaker.outcome': 'rejected' }),
      measured: latest('vividly.breaker.call.duration', { 'vividly.breaker.outcome': 'failure' }),
      slow: latest('vividly.breaker.slow_calls', {}),
      opened: latest('vividly.breaker.transitions', { 'vividly.circuit_breaker.state': 'open' }),
      open: latest('vividly.breaker.state', { 'vividly.circuit_breaker.state': 'open' }),
      closed: latest('vividly.breaker.state', { 'vividly.circuit_breaker.state': 'closed' }),
    }
    expect(told).toEqual({ success: 1, failure: 2, rejected: 1, measured: 2, slow: 1, opened: 1, open: 1, closed: 0 })
    expect(latest('vividly.breaker.time_to_half_open', {})).toBeGreaterThan(50)
    expect(latest('vividly.breaker.time_to_half_open', {})).toBeLessThanOrEqual(60)
  })
})
