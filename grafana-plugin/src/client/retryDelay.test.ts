import fc from 'fast-check'
import { expect, it } from 'vitest'

import { retryDelayMs } from './retryDelay.ts'

it('tries soon at first and never waits longer than 30 s by itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const delayMs = retryDelayMs(attempt, random)
      expect(delayMs).toBeGreaterThanOrEqual(0)
      expect(delayMs).toBeLessThanOrEqual(attempt === 1 ? 1_000 : 30_000)
    }),
  )
  expect(retryDelayMs(5, 1)).toBe(16_000)
  expect(retryDelayMs(9, 1)).toBe(30_000)
})

it('honours the wish of the server and still spreads', () => {
  expect(retryDelayMs(1, 0, 5_000)).toBe(5_000)
  expect(retryDelayMs(1, 1, 5_000)).toBe(6_000)
})
