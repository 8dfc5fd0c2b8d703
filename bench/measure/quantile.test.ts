import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantile } from './quantile.ts'

test('so many do not exceed it, and no smaller value has as many', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const found = quantile(values, share)
      expect(values).toContain(found)
      expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * values.length)
      expect(values.filter((value) => value < found).length).toBeLessThan(share * values.length)
    }),
  )
  expect(quantile([], 0.5)).toBeNaN()
})
