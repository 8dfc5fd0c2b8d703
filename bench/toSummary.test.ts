import { expect, test } from 'vitest'
import { holds, toSummary } from './toSummary.ts'

test('a ratio is of what was measured to what was promised, and what was not measured does not hold', () => {
  const lines = toSummary({
    queries: { list: { p50: 1, p99: 20, promised_p50: 2, promised_p99: 10 } },
    stream: { 100: { per_second: 200, p99Ms: 15, promised_p99: 15, delivering_us: 12, bare_us: 10 } },
  })
  expect(lines.map(({ measured }) => measured)).toEqual([0.5, 2, 1, 1.2])
  expect(lines.map(holds)).toEqual([true, false, true, true])
  expect(toSummary({ queries: { list: {} } }).map(holds)).toEqual([false, false])
})
