import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restAfter } from './restAfter.ts'

test('a replica that keeps up looks at once, one that does not merges for up to 100 ms', () => {
  expect(restAfter(2, true, 100)).toEqual({ atLeastMs: 3, atMostMs: 8 })
  expect(restAfter(10, true, 100)).toEqual({ atLeastMs: 10, atMostMs: 40 })
  expect(restAfter(2, false, 100)).toEqual({ atLeastMs: 3, atMostMs: 100 })
  expect(restAfter(500, true, 100)).toEqual({ atLeastMs: 100, atMostMs: 100 })
})

test('a rest is never longer than the poll and never negative', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), fc.boolean(), (tookMs, found) => {
      const { atLeastMs, atMostMs } = restAfter(tookMs, found, 100)
      expect(atLeastMs).toBeGreaterThanOrEqual(3)
      expect(atMostMs).toBeGreaterThanOrEqual(atLeastMs)
      expect(atMostMs).toBeLessThanOrEqual(100)
    }),
  )
})
