import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchCores } from './watchCores.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('counts the last seconds only, whatever was before', async () => {
  const startedMs = performance.now()
  // Ten cores for twenty seconds, then a tenth of one.
  const watch = await watchCores(() => {
    const seconds = (performance.now() - startedMs) / 1000
    return Promise.resolve(Math.min(seconds, 20) * 10 + Math.max(0, seconds - 20) * 0.1)
  }, 30)
  await vi.advanceTimersByTimeAsync(55_000)
  expect(await watch.end()).toBeCloseTo(0.1, 5)
})
