import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { throttle } from './throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('runs the first at once, at most five a second under load, and the last one always', () => {
  const runs: number[] = []
  let calls = 0
  const throttled = throttle(() => runs.push(calls), 200)
  const callOnce = () => {
    calls += 1
    throttled.call()
  }
  callOnce()
  expect(runs).toEqual([1])
  for (let elapsedMs = 10; elapsedMs < 1_000; elapsedMs += 10) {
    vi.advanceTimersByTime(10)
    callOnce()
  }
  vi.advanceTimersByTime(1_000)
  expect(runs).toHaveLength(6)
  expect(runs.at(-1)).toBe(100)
})
