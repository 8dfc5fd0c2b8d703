import CircuitBreaker from 'opossum'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'
import { observeOpossumBreaker } from './observeOpossumBreaker.ts'

let otel: TestInstrumentation
beforeEach(async () => {
  otel = await instrumentForTest()
})
afterEach(() => otel.stop())

const never = () => new Promise<never>(() => {})

test('a call that its time-out ends is a failure, and the stage names the breaker', async () => {
  const breaker = new CircuitBreaker(never, { timeout: 20, volumeThreshold: 5 })
  const observer = observeOpossumBreaker(breaker, { name: 'nano_banana', slowCallMs: 15 })
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  await expect(tracker.trackStage(id, 'video_generation', () => breaker.fire())).rejects.toThrow('Timed out after 20ms')
  expect(observer.counts).toEqual({ calls: 1, failures: 1, slow: 1, rejected: 0 })
  await otel.flush()
  expect(otel.sink.event('vividly.stage.failed').attributes).toMatchObject({
    'vividly.circuit_breaker.name': 'nano_banana',
    'error.type': 'ETIMEDOUT',
  })
  observer.stop()
})

test('what it has no room for is refused, and worth another try', async () => {
  const breaker = new CircuitBreaker((ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms)), { capacity: 1, volumeThreshold: 5 })
  const observer = observeOpossumBreaker(breaker, { name: 'gemini' })
  const first = breaker.fire(30)
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  const retry = { initialDelayMs: 60, random: () => 1 }
  expect(await tracker.trackStage(id, 'script_generation', () => breaker.fire(1), { retry })).toBe(1)
  expect(await first).toBe(30)
  expect(observer.counts).toEqual({ calls: 2, failures: 0, slow: 0, rejected: 1 })
  observer.stop()
})

test('an error that it filters is a call, and a fallback is the service’s own', async () => {
  const breaker = new CircuitBreaker(() => Promise.reject(new Error('404')), { errorFilter: () => true })
  const observer = observeOpossumBreaker(breaker, { name: 'gemini' })
  await expect(breaker.fire()).rejects.toThrow('404')
  expect(observer.counts).toEqual({ calls: 1, failures: 0, slow: 0, rejected: 0 })
  observer.stop()

  const opened = new CircuitBreaker(() => Promise.resolve('real'))
  opened.fallback(() => 'from the shelf')
  opened.open()
  const other = observeOpossumBreaker(opened, { name: 'cdn' })
  expect(other.state).toBe('open')
  expect(await opened.fire()).toBe('from the shelf')
  expect(other.counts.rejected).toBe(1)
  other.stop()
})

test('its shutdown ends the status, and stop() takes all listeners off', async () => {
  const breaker = new CircuitBreaker(() => Promise.resolve(1))
  const listeners = () => breaker.eventNames().map((name) => breaker.listenerCount(name))
  const before = listeners()
  const observer = observeOpossumBreaker(breaker, { name: 'mail', statusIntervalMs: 15 })
  observer.stop()
  expect(listeners()).toEqual(before)

  observeOpossumBreaker(breaker, { name: 'cdn', statusIntervalMs: 15 })
  breaker.shutdown()
  await otel.flush()
  const told = otel.sink.records.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  await otel.flush()
  expect(otel.sink.records).toHaveLength(told)
})

test('what is no such breaker is one warning, and nothing breaks', () => {
  const observer = observeOpossumBreaker({} as never, { name: 'no breaker' })
  expect(observer.counts).toEqual({ calls: 0, failures: 0, slow: 0, rejected: 0 })
  observer.stop()
  expect(otel.warnings).toEqual([expect.stringContaining("the circuit breaker no breaker can't be observed")])
})
