import { expect, it } from 'vitest'

import { sampleTrends } from '../../page/testing/sampleTrends.ts'
import { toTrendSeries } from './toTrendSeries.ts'

it('keeps whole requests, one value a time in each line', () => {
  const [first] = sampleTrends(Date.UTC(2026, 0, 2))
  if (!first) throw new Error('the sample is empty')
  const series = toTrendSeries([first, { ...first, stage: 'validation', order: 1 }, { ...first, success_rate: null, p50_duration_seconds: null }])
  expect(Object.values(series).map((values) => values.length)).toEqual([2, 2, 2, 2, 2, 2])
  expect(series.times[0]).toBe(Date.parse(first.from) / 1000)
  expect(series.successPercent).toEqual([100, null])
})
