import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawLatencyMs } from './latency.ts'

test('20 000 draws have the wanted mean, a median below it and a long tail', () => {
  const random = seededRandom(7)
  const draws = Array.from({ length: 20_000 }, () => drawLatencyMs(30_000, random)).sort((a, b) => a - b)
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
  const quantile = (share: number) => (draws[Math.floor(share * draws.length)] ?? 0) / 30_000
  expect(mean / 30_000).toBeCloseTo(1, 1)
  expect(quantile(0.5)).toBeCloseTo(0.97, 1)
  expect(quantile(0.95)).toBeGreaterThan(1.35)
  expect(quantile(0.95)).toBeLessThan(1.6)
})

test('any draw is positive, finite and at most four times the mean', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), unit, unit, (meanMs, first, second) => {
      const values = [first, second]
      const draw = drawLatencyMs(meanMs, () => values.shift() ?? 0)
      expect(draw).toBeGreaterThan(0)
      expect(draw).toBeLessThanOrEqual(4 * meanMs)
    }),
  )
})

/** Mulberry32, so that a failure repeats. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
