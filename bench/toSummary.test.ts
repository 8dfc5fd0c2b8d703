import { expect, test } from 'vitest'
import { holds, toSummary } from './toSummary.ts'

test('costs are told as ratios inside one run', () => {
  const ingest = {
    copy: { us: 10 }, protobuf: { us: 20, per_second: 50_000 }, json: { us: 30, per_second: 40_000 },
    small: { us: 60 }, decoding: { protobuf: 2, json: 4 }, memory: { megabytes: 200 },
  }
  const [toCopy, rate, json, ...others] = toSummary({ ingest })
  expect(toCopy).toMatchObject({ measured: 0.5, least: 0.42 })
  expect(rate).toMatchObject({ measured: 50_000 })
  expect(json).toMatchObject({ measured: 0.8 })
  expect([toCopy, rate, json].map((line) => line && holds(line))).toEqual([true, false, true])
  expect(others.map(({ measured }) => measured)).toEqual([3, 0.1, 2, 200])
})

test('what was not measured does not hold, what has no bound informs', () => {
  const lines = toSummary({ in_flight: {}, queries: { list: { p50: 1, p99: 20, promised_p50: 2, promised_p99: 10 } } })
  expect(lines.map(holds)).toEqual([false, true, false])
  expect(holds({ what: 'anything', measured: 7, unit: '' })).toBe(true)
})

test('a run that brought nothing says so in a line of its own', () => {
  expect(toSummary({ peers: {} }).filter((line) => !holds(line)).length).toBeGreaterThan(4)
})

test('what lies on disk counts as its file system stores it', () => {
  const form = 'as written, blocks of this file system'
  const lines = toSummary({ disk: { 'an event': { 'as written': 400, [form]: 300 }, 'a span': { 'as written': 200, [form]: 301 }, other: {} } })
  expect(lines.map(holds)).toEqual([true, false, false])
})
