import { expect, test } from 'vitest'
import { toWindow } from './windowQuery.ts'

const DAY_US = 86_400_000_000
const nowMs = 1_800_000_000_000
const now = nowMs * 1000
const limits = { usualDays: 1, maxDays: 7 }

test.each([
  [{}, { fromUs: now - DAY_US, toUs: now }],
  [{ from: now - 5 }, { fromUs: now - 5, toUs: now }],
  [{ to: now - 5 }, { fromUs: now - 5 - DAY_US, toUs: now - 5 }],
  [{ from: now + 5 }, { fromUs: now + 5, toUs: now + 5 }],
  [{ from: now - 7 * DAY_US, to: now }, { fromUs: now - 7 * DAY_US, toUs: now }],
  [{ from: now - 7 * DAY_US - 1, to: now }, { mistake: 'from, to: at most 7 days apart' }],
  [{ from: now, to: now - 1 }, { mistake: 'from: later than to' }],
])('%j is %j', (asked, window) => {
  expect(toWindow(asked, nowMs, limits)).toEqual(window)
})

test('a window beyond the times that IDs can say is moved to their bounds', () => {
  const beyond = [{ to: -62_000_000_000_000_000 }, { from: 250_000_000_000_000_000 }]
  for (const asked of beyond) {
    const window = toWindow(asked, nowMs, limits)
    if ('mistake' in window) throw new Error(window.mistake)
    expect(window.fromUs).toBeGreaterThan(0)
    expect(window.fromUs).toBeLessThanOrEqual(window.toUs)
    expect(window.toUs).toBeLessThan(9_999_999_999_999_000)
  }
})
