import {
  ConsecutiveBreaker,
  ExponentialBackoff,
  circuitBreaker,
  handleAll,
  handleWhen,
  isBrokenCircuitError,
  retry,
  wrap,
} from 'cockatiel'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { observeCircuitBreaker } from './observeCircuitBreaker.ts'
import { observeCockatielBreaker } from './observeCockatielBreaker.ts'
import { RequestTracker } from './RequestTracker.ts'
import { ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE, ATTR_CIRCUIT_BREAKER_STATE } from './semconv.ts'
import { instrumentForTest } from './testing/instrumentForTest.ts'
import type { TestInstrumentation } from './testing/instrumentForTest.ts'

let otel: TestInstrumentation
beforeEach(async () => {
  otel = await instrumentForTest()
})
afterEach(() => otel.stop())

const newBreaker = (halfOpenAfter: number) =>
  circuitBreaker(handleAll, { halfOpenAfter, breaker: new ConsecutiveBreaker(2) })
const outage = () => Promise.reject(new Error('503'))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const changes = () =>
  otel.sink.records
    .filter((record) => record.eventName === 'vividly.circuit_breaker.state_changed')
    .map(({ attributes }) =>
      [attributes[ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE], attributes[ATTR_CIRCUIT_BREAKER_STATE]].join(' '),
    )

it('tells each change at once, in the trace of the request whose call made it', async () => {
  const breaker = newBreaker(30)
  const observer = observeCockatielBreaker(breaker, { name: 'gemini', halfOpenAfterMs: 30 })
  const tracker = new RequestTracker()
  const { correlationId: id, traceId } = tracker.createRequest({ studentId: 's', topic: 't' })
  const openedMs = Date.now()
  for (let call = 0; call < 3; call += 1) {
    await tracker
      .trackStage(id, 'script_generation', () => observer.policy.execute(outage), { attempt: 2 })
      .catch(() => {})
  }
  expect(observer.counts).toEqual({ calls: 2, failures: 2, rejected: 1 })
  expect(observer.state).toBe('open')
  await otel.flush()
  const opened = otel.sink.event('vividly.circuit_breaker.state_changed')
  expect(opened).toMatchObject({
    traceId,
    severityNumber: 17,
    message: 'circuit breaker gemini: closed → open',
    attributes: {
      'vividly.circuit_breaker.name': 'gemini',
      'vividly.circuit_breaker.state': 'open',
      'vividly.circuit_breaker.previous_state': 'closed',
      'vividly.circuit_breaker.calls': 2,
      'vividly.circuit_breaker.failures': 2,
      'vividly.circuit_breaker.rejected': 0,
      'vividly.stage.name': 'script_generation',
      'vividly.stage.attempt': 2,
    },
  })
  const retryAtMs = Date.parse(String(opened.attributes['vividly.circuit_breaker.retry_at']))
  expect(retryAtMs - openedMs).toBeGreaterThanOrEqual(30)
  expect(retryAtMs - openedMs).toBeLessThan(1000)
  const failed = otel.sink.records.filter((record) => record.eventName === 'vividly.stage.failed')
  expect(failed.map(({ attributes }) => attributes['vividly.circuit_breaker.name'])).toEqual([
    'gemini',
    'gemini',
    'gemini',
  ])

  await pause(40)
  expect(await observer.policy.execute(() => 'well again')).toBe('well again')
  await otel.flush()
  expect(changes()).toEqual(['closed open', 'open half_open', 'half_open closed'])
  expect(observer.counts).toEqual({ calls: 3, failures: 2, rejected: 1 })
  observer.stop()
})

it('changes nothing of the breaker: value, error, refusal, other policies', async () => {
  const breaker = newBreaker(60_000)
  const observer = observeCockatielBreaker(breaker, { name: 'nano_banana' })
  const value = {}
  const error = new Error('very own')
  expect(await observer.policy.execute(() => value)).toBe(value)
  await expect(observer.policy.execute(() => Promise.reject(error))).rejects.toBe(error)
  const retrying = retry(
    handleWhen((e) => !isBrokenCircuitError(e)),
    {
      maxAttempts: 3,
      backoff: new ExponentialBackoff({ initialDelay: 1, maxDelay: 2 }),
    },
  )
  await expect(wrap(retrying, observer.policy).execute(outage)).rejects.toSatisfy(isBrokenCircuitError)
  expect(observer.counts).toEqual({ calls: 3, failures: 2, rejected: 1 })
  expect(observer.policy.state).toBe(breaker.state)
  observer.stop()
})

it('counts an error that the breaker lets pass as a call, and a refusal inside the call as none of its own', async () => {
  const picky = circuitBreaker(
    handleWhen(() => false),
    { halfOpenAfter: 10, breaker: new ConsecutiveBreaker(1) },
  )
  const observer = observeCockatielBreaker(picky, { name: 'outer' })
  await expect(observer.policy.execute(outage)).rejects.toThrow('503')
  const inner = newBreaker(60_000)
  inner.isolate()
  await expect(observer.policy.execute(() => inner.execute(outage))).rejects.toSatisfy(isBrokenCircuitError)
  expect(observer.counts).toEqual({ calls: 2, failures: 0, rejected: 0 })
  observer.stop()
})

it('tells an isolated breaker as open, without a time', async () => {
  const breaker = newBreaker(10)
  const observer = observeCockatielBreaker(breaker, { name: 'cdn', halfOpenAfterMs: 10 })
  const hold = breaker.isolate()
  await expect(observer.policy.execute(outage)).rejects.toSatisfy(isBrokenCircuitError)
  hold.dispose()
  await otel.flush()
  expect(changes()).toEqual(['closed open', 'open closed'])
  const opened = otel.sink.event('vividly.circuit_breaker.state_changed')
  expect(opened.attributes).not.toHaveProperty('vividly.circuit_breaker.retry_at')
  expect(opened.traceId ?? '').toBe('')
  expect(observer.counts.rejected).toBe(1)
  observer.stop()
})

it('tells its counts periodically, outside any request, until stopped', async () => {
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  const observer = await tracker.trackStage(id, 'validation', () =>
    observeCircuitBreaker({ name: 'mail', state: 'open', statusIntervalMs: 20 }),
  )
  observer.succeeded()
  observer.failed()
  observer.rejected()
  const statuses = () =>
    otel.sink.records.filter((record) => record.eventName === 'vividly.circuit_breaker.status')
  await otel.sink.waitFor('two statuses', () => statuses().length >= 2)
  expect(statuses()[0]?.attributes).toMatchObject({
    'vividly.circuit_breaker.name': 'mail',
    'vividly.circuit_breaker.state': 'open',
  })
  expect(statuses().at(-1)?.attributes).toMatchObject({
    'vividly.circuit_breaker.calls': 2,
    'vividly.circuit_breaker.failures': 1,
    'vividly.circuit_breaker.rejected': 1,
  })
  expect(statuses().every((record) => (record.traceId ?? '') === '')).toBe(true)
  observer.stop()
  await otel.flush()
  const told = statuses().length
  await pause(60)
  await otel.flush()
  expect(statuses()).toHaveLength(told)
})
