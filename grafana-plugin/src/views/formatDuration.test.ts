import { expect, it } from 'vitest'

import { formatDuration, formatExactMs, formatMeasured } from './formatDuration.ts'

it.each([
  [-5, '0 s'],
  [999, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [92_431, '1 min 32 s'],
  [7_500_000, '2 h 5 min'],
  [3_600_000, '1 h'],
  [273_600_000, '3 d 4 h'],
])('says %i ms as %s', (ms, said) => {
  expect(formatDuration(ms)).toBe(said)
})

it.each([
  [0, '0 ms'],
  [640, '640 ms'],
  [2_460, '2.4 s'],
  [9_999, '9.9 s'],
  [10_000, '10 s'],
])('says a measured %i ms as %s', (ms, said) => {
  expect(formatMeasured(ms)).toBe(said)
})

it('gives exact milliseconds for the tooltip', () => {
  expect(formatExactMs(92_431)).toBe('92,431 ms')
})
