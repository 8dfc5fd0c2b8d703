import { expect, test } from 'vitest'
import { toResult } from './toResult.ts'
import type { K6Summary } from './toResult.ts'

const summary = (list: { ok: boolean; max: number }): K6Summary => ({
  state: { testRunDurationMs: 10_000 },
  metrics: {
    http_reqs: { type: 'counter', values: { count: 20, rate: 2 } },
    http_req_failed: { type: 'rate', values: { rate: 0 }, thresholds: { 'rate==0': { ok: true } } },
    'http_req_duration{endpoint:list}': {
      type: 'trend',
      values: { med: 3, 'p(95)': 8, 'p(99)': 9, max: list.max },
      thresholds: { 'p(99)<10': { ok: list.ok }, 'p(50)<5': { ok: true } },
    },
  },
})

test('tells each promise with what was measured, and the durations of each kind of call', () => {
  expect(toResult(summary({ ok: true, max: 9.5 }))).toEqual({
    seconds: 10,
    requests: 20,
    requestsPerSecond: 2,
    durations: { list: { p50: 3, p95: 8, p99: 9, max: 9.5 } },
    verdicts: [
      { metric: 'http_req_failed', promise: 'rate==0', measured: 0, held: true },
      { metric: 'http_req_duration{endpoint:list}', promise: 'p(99)<10', measured: 9, held: true },
      { metric: 'http_req_duration{endpoint:list}', promise: 'p(50)<5', measured: 3, held: true },
    ],
  })
})

test('a threshold that k6 saw broken has not held', () => {
  expect(toResult(summary({ ok: false, max: 30 })).verdicts.map(({ held }) => held)).toEqual([true, false, true])
})

test('a threshold on calls that nobody made has not held, whatever k6 says', () => {
  expect(toResult(summary({ ok: true, max: 0 })).verdicts.map(({ held }) => held)).toEqual([true, false, false])
})
