import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLogs, decodeTraces } from './decode.ts'
import { encodeJsonLogRecords, encodeJsonSpans } from './testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from './testing/encodeProtobuf.ts'
import { logRecordGroups, spanGroups } from './testing/wireArbitraries.ts'

test('the same spans in both encodings give the same signals', { timeout: 60_000 }, () => {
  const seen = { spans: 0, logs: 0, refusals: 0 }
  fc.assert(
    fc.property(spanGroups, (groups) => {
      const fromProtobuf = decodeTraces(encodeProtobufSpans(groups), 'protobuf')
      expect(decodeTraces(encodeJsonSpans(groups), 'json')).toStrictEqual(fromProtobuf)
      for (const key of ['spans', 'logs', 'refusals'] as const) seen[key] += fromProtobuf[key].length
    }),
    { numRuns: 150 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50)
})

test('the same log records in both encodings give the same signals', { timeout: 60_000 }, () => {
  const seen = { logs: 0, refusals: 0 }
  fc.assert(
    fc.property(logRecordGroups, (groups) => {
      const fromProtobuf = decodeLogs(encodeProtobufLogRecords(groups), 'protobuf')
      expect(decodeLogs(encodeJsonLogRecords(groups), 'json')).toStrictEqual(fromProtobuf)
      for (const key of ['logs', 'refusals'] as const) seen[key] += fromProtobuf[key].length
    }),
    { numRuns: 150 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50)
})

test('every signal holds to what signal.ts promises', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(spanGroups, logRecordGroups, (spans, records) => {
      const traces = decodeTraces(encodeProtobufSpans(spans), 'protobuf')
      const logs = decodeLogs(encodeJsonLogRecords(records), 'json')
      const all = JSON.stringify([traces, logs])
      expect(all).not.toContain(String.raw`\u0000`)
      expect(all.isWellFormed()).toBe(true)
      for (const span of traces.spans) {
        expect(span.trace_id).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
        expect(span.span_id).toMatch(/^(?!0+$)[0-9a-f]{16}$/)
        expect(span.ended_us).toBeGreaterThanOrEqual(span.started_us)
      }
      for (const log of [...traces.logs, ...logs.logs]) {
        expect(Number.isSafeInteger(log.time_us)).toBe(true)
        expect(log.event_name).not.toBe('')
        expect(Object.keys(log.attributes).length).toBeLessThanOrEqual(128 + 2)
      }
      for (const { detail } of [...traces.refusals, ...logs.refusals]) {
        expect(detail.length).toBeLessThanOrEqual(200)
      }
    }),
    { numRuns: 100 },
  )
})
