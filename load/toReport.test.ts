import { expect, test } from 'vitest'
import type { Run } from './runScenario.ts'
import { toBaseline, toReport } from './toReport.ts'

const run: Run = {
  seconds: 30, requests: 60, requestsPerSecond: 2, cores: 0.512345,
  verdicts: [{ metric: 'checks', promise: 'rate==1', measured: 0.5, held: false }],
  durations: { list: { p50: 4, p95: 9, p99: 12.3456, max: 40 } },
}

test('a run is told beside the accepted one', () => {
  const report = toReport('reading', run, { ...toBaseline(run), p99: { list: 6.1728 } }, 'reading.svg')
  expect(report).toContain('| rate==1 | checks | 0.5 | **no** |')
  expect(report).toContain('| list | 4 | 9 | 12.3 | 40 | 4 | 6.17 | 2.00 × |')
})

test('without an accepted run nothing is compared', () => {
  expect(toReport('reading', run, undefined, 'reading.svg')).toContain('| list | 4 | 9 | 12.3 | 40 | – | – | – |')
})
