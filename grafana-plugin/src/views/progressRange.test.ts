import fc from 'fast-check'
import { expect, it } from 'vitest'

import { progressRange } from './progressRange.ts'

const CREATED_MS = 1_795_000_000_000
const iso = (afterS: number) => new Date(CREATED_MS + afterS * 1_000).toISOString()
const running = { status: 'generating_video' as const, created_at: iso(0) }

it('says between which shares of its time a request is', () => {
  const expected = { earliest: iso(100), likely: iso(150), latest: iso(200) }
  expect(progressRange({ ...running, expected_end: expected }, CREATED_MS + 50_000)).toEqual({ lowerPercent: 25, upperPercent: 50 })
  expect(progressRange({ ...running, expected_end: expected }, CREATED_MS + 120_000)).toEqual({ lowerPercent: 60, upperPercent: 99 })
  expect(progressRange({ ...running, expected_end: null }, CREATED_MS)).toBeUndefined()
  expect(progressRange({ ...running, status: 'completed', expected_end: expected }, CREATED_MS)).toBeUndefined()
})

it('is a range of what is possible, whatever the clocks say, and never whole', () => {
  const seconds = fc.integer({ min: -1_000, max: 10_000 })
  fc.assert(
    fc.property(seconds, seconds, seconds, (now, earliest, more) => {
      const expected = { earliest: iso(earliest), likely: iso(earliest), latest: iso(earliest + Math.abs(more)) }
      const range = progressRange({ ...running, expected_end: expected }, CREATED_MS + now * 1_000)
      expect(range?.lowerPercent).toBeGreaterThanOrEqual(0)
      expect(range?.upperPercent).toBeGreaterThanOrEqual(range?.lowerPercent ?? 0)
      expect(range?.upperPercent).toBeLessThan(100)
    }),
  )
})
