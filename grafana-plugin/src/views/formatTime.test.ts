import { expect, it } from 'vitest'

import { formatAgo, formatClock, startOfToday } from './formatTime.ts'

const NOON_MS = new Date(2026, 10, 23, 12, 0, 0).getTime()

it.each([
  [0, 'just now'],
  [12_000, '12 s ago'],
  [200_000, '3 min ago'],
  [7_500_000, '2 h ago'],
  [-4_000, 'in 4 s'],
])('says what was %i ms before as %s', (ms, said) => {
  expect(formatAgo(NOON_MS - ms, NOON_MS)).toBe(said)
})

it('names the day only when it is another', () => {
  expect(formatClock(NOON_MS - 3_600_000, NOON_MS)).toBe('11:00:00')
  expect(formatClock(NOON_MS - 24 * 3_600_000, NOON_MS)).toBe('22 Nov, 12:00:00')
})

it('begins the day at midnight of the reader', () => {
  expect(startOfToday(NOON_MS)).toBe(NOON_MS - 12 * 3_600_000)
})
