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
import { observeCockatielBreaker } from './observeCockatielBreaker.ts'
import { newCorrelationId } from '../identity.ts'
import { RequestTracker } from '../RequestTracker.ts'
import { ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE, ATTR_CIRCUIT_BREAKER_STATE } from '../semconv.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'

let otel: TestInstrumentation
beforeEach(async () => {
  otel = await instrumentForTest()
})
afterEach(() => otel.stop())

const newBreaker = (halfOpenAfter: number) =>
  circuitBreaker(handleAll, { halfOpenAfter, breaker: new ConsecutiveBreaker(2) })
const outage = () => Promise.reject(new Error('503'))
const changes = () =>
  otel.sink.records
    .filter((record) => record.eventName === 'vividly.circuit_breaker.state_changed')
    .map(({ attributes }) =>
      [attributes[ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE], attributes[ATTR_CIRCUIT_BREAKER_STATE]].join(' '),
    )

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
  expect(observer.counts).toEqual({ calls: 3, failures: 2, slow: 0, rejected: 1 })
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
  expect(observer.counts).toEqual({ calls: 2, failures: 0, slow: 0, rejected: 0 })
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

it('has no try made in vain where nobody said when it half-opens', async () => {
  const breaker = newBreaker(60_000)
  const observer = observeCockatielBreaker(breaker, { name: 'gemini' })
  for (let call = 0; call < 2; call += 1) await observer.policy.execute(outage).catch(() => {})
  let attempts = 0
  const work = () => {
    attempts += 1
    return observer.policy.execute(() => 'back')
  }
  const tracked = new RequestTracker().trackStage(newCorrelationId(Date.now()), 'validation', work, { retry: true })
  await expect(tracked).rejects.toSatisfy(isBrokenCircuitError)
  expect(attempts).toBe(1)
  observer.stop()
})
