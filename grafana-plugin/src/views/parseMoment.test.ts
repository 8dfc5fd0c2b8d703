import { expect, it } from 'vitest'

import { parseMoment } from './parseMoment.ts'

const nowMs = Date.UTC(2026, 0, 2, 12)

it.each([
  ['now', nowMs],
  ['now-30m', nowMs - 30 * 60_000],
  ['now-2h', nowMs - 2 * 3_600_000],
  ['now-7d', nowMs - 7 * 86_400_000],
  ['2026-01-02T10:00:00Z', nowMs - 2 * 3_600_000],
  [String(nowMs), nowMs],
  ['now+1h', undefined],
  ['<script>', undefined],
  [undefined, undefined],
])('%s', (text, expected) => {
  expect(parseMoment(text, nowMs)).toBe(expected)
})
