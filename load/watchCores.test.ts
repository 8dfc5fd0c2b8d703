import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { watchCores } from './watchCores.ts'

test('counts the last seconds only, whatever was before', async () => {
  const startedMs = performance.now()
  // Ten cores for half a second, then a tenth of one.
  const watch = await watchCores(() => {
    const seconds = (performance.now() - startedMs) / 1000
    return Promise.resolve(Math.min(seconds, 0.5) * 10 + Math.max(0, seconds - 0.5) * 0.1)
  }, 0.6)
  await sleep(1_600)
  expect(await watch.end()).toBeCloseTo(0.1, 5)
})
