import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'
import { observeCircuitBreaker } from './observeCircuitBreaker.ts'

let otel: TestInstrumentation
beforeEach(async () => {
  otel = await instrumentForTest()
})
afterEach(async () => {
  vi.useRealTimers()
  await otel.stop()
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const statuses = () => otel.sink.records.filter(({ eventName }) => eventName === 'vividly.circuit_breaker.status')

test('tells its counts periodically, outside any request, until stopped', async () => {
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  const observer = await tracker.trackStage(id, 'validation', () =>
    observeCircuitBreaker({ name: 'mail', state: 'open', statusIntervalMs: 20, slowCallMs: 100 }),
  )
  observer.succeeded(99)
  observer.failed(undefined, 100)
  observer.rejected()
  await otel.sink.waitFor('two statuses', () => statuses().length >= 2)
  expect(statuses()[0]?.attributes).toMatchObject({
    'vividly.circuit_breaker.name': 'mail',
    'vividly.circuit_breaker.state': 'open',
  })
  expect(statuses().at(-1)?.attributes).toMatchObject({
    'vividly.circuit_breaker.calls': 2,
    'vividly.circuit_breaker.failures': 1,
    'vividly.circuit_breaker.slow_calls': 1,
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

test('does so every five seconds unless asked for another time', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const observer = observeCircuitBreaker({ name: 'mail' })
  vi.advanceTimersByTime(14_999)
  observer.stop()
  await otel.flush()
  expect(statuses()).toHaveLength(1 + 2)
})

test('never throws into the service, whatever it is told', () => {
  const observer = observeCircuitBreaker({ name: 'mail' })
  observer.failed('not an error')
  observer.rejected(null)
  observer.stateChanged('open', Number.NaN)
  observer.stateChanged('open', 1e300)
  observer.stateChanged('wide open' as never)
  observer.succeeded(Number.NaN)
  expect(observer.counts).toEqual({ calls: 2, failures: 1, slow: 0, rejected: 1 })
  expect(otel.warnings).toEqual([])
  observer.stop()
})
