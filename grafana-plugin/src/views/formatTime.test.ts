import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'

import { setTimeZone } from '../text/locale.ts'
import { formatAgo, formatClock, fromLocalTime, startOfToday, toLocalTime } from './formatTime.ts'

const NOON_MS = new Date(2026, 10, 23, 12, 0, 0).getTime()
afterEach(() => setTimeZone(undefined))

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

it.each([
  ['UTC', '2026-11-23T14:02', '2026-11-23T14:02:00Z'],
  ['Asia/Kolkata', '2026-11-23T14:02', '2026-11-23T08:32:00Z'],
  ['Europe/Vienna', '2026-07-01T00:00', '2026-06-30T22:00:00Z'],
  // Clocks went back at three: half past two came twice, and went forward at two: it did not come.
  ['Europe/Vienna', '2026-10-25T02:30', '2026-10-25T00:30:00Z'],
  ['Europe/Vienna', '2026-03-29T02:30', '2026-03-29T01:30:00Z'],
  // There a day begins at one, when clocks are put forward at midnight.
  ['Africa/Cairo', '2026-04-24T00:00', '2026-04-23T22:00:00Z'],
])('takes in %s %s as %s', (zone, text, moment) => {
  setTimeZone(zone)
  expect(new Date(fromLocalTime(text) ?? 0).toISOString()).toBe(new Date(moment).toISOString())
})

it('tells any moment in any zone as a text from which it comes back, but for the hour that comes twice', () => {
  const zones = fc.constantFrom('UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Europe/Vienna', 'Pacific/Apia', 'Africa/Cairo')
  fc.assert(
    fc.property(zones, fc.integer({ min: 0, max: 2_000_000_000 }), (zone, seconds) => {
      setTimeZone(zone)
      const atMs = Math.floor(seconds / 60) * 60_000
      const back = fromLocalTime(toLocalTime(atMs)) ?? 0
      expect(toLocalTime(back)).toBe(toLocalTime(atMs))
      expect([0, 3_600_000]).toContain(atMs - back)
      expect(startOfToday(atMs)).toBeLessThanOrEqual(atMs)
      expect(atMs - startOfToday(atMs)).toBeLessThan(25 * 3_600_000)
    }),
  )
  setTimeZone('nonsense/zone')
  expect(() => formatClock(0, 0)).toThrow('nonsense/zone')
})
