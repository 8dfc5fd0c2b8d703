import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventTime } from './eventClock.ts'

const toUs = ([seconds, nanoseconds]: [number, number]): number => seconds * 1_000_000 + nanoseconds / 1000

it('never gives the same time twice while the clock stands still or steps back a little', () => {
  const startMs = 1_800_000_000_000
  let last = toUs(eventTime(startMs))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900 }), (msBehind) => {
      const now = toUs(eventTime(startMs - msBehind))
      expect(now).toBe(last + 1)
      last = now
    }),
  )
})

it('follows a clock that was set back', () => {
  eventTime(1_900_000_000_000)
  expect(eventTime(1_800_000_000_000)).toEqual([1_800_000_000, 0])
})
