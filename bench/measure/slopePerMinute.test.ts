import { expect, it } from 'vitest'

import { slopePerMinute } from './slopePerMinute.ts'

it('tells growth from a level with noise on it', () => {
  expect(slopePerMinute([1, 2, 3, 4], 30_000)).toBeCloseTo(2)
  expect(slopePerMinute([5, 6, 5, 6, 5], 30_000)).toBeCloseTo(0)
  expect(slopePerMinute([7], 30_000)).toBe(0)
})
