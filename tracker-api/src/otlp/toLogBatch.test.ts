import { expect, test } from 'vitest'
import type { LogSignal } from '../signal.ts'
import { exampleLogRecord, groupOf } from './testing/exampleSpan.ts'
import { toLogBatch } from './toBatch.ts'
import type { WireLogRecord } from './wire.ts'

function signalOf(changes: Partial<WireLogRecord>): LogSignal | undefined {
  return toLogBatch(groupOf({ ...exampleLogRecord, ...changes })).logs[0]
}

test('a log record becomes a signal', () => {
  const uid = { key: 'log.record.uid', value: '01J' }
  expect(signalOf({ attributes: [...exampleLogRecord.attributes, uid] })).toEqual({
    trace_id: 'c1d17092345678900d601345a1b2c3d4',
    span_id: 'aaaaaaaaaaaaaaaa',
    event_name: 'vividly.stage.started',
    message: 'validation started',
    severity: 'info',
    time_us: 1_709_234_567_890_123,
    uid: '01J',
    attributes: { 'vividly.stage.name': 'validation' },
    service: 'content-worker',
    host: 'worker-1',
    instance: 'i-1',
  })
})

test.each<[Partial<WireLogRecord>, string]>([
  [{ eventName: 'a.b', attributes: [{ key: 'event.name', value: 'c.d' }] }, 'a.b'],
  [{ eventName: '', attributes: [{ key: 'event.name', value: 'c.d' }] }, 'c.d'],
  [{ eventName: '', attributes: [{ key: 'exception.message', value: 'x' }] }, 'exception'],
  [{ eventName: '', attributes: [] }, 'log'],
])('%o is named %s', (changes, name) => {
  expect(signalOf(changes)?.event_name).toBe(name)
})

test.each([
  [1, 'info'],
  [12, 'info'],
  [13, 'warning'],
  [16, 'warning'],
  [17, 'error'],
  [20, 'error'],
  [21, 'critical'],
  [24, 'critical'],
])('severity number %i is %s, whatever the name', (severityNumber, severity) => {
  expect(signalOf({ severityNumber, eventName: 'vividly.retry' })?.severity).toBe(severity)
})

test.each([
  ['vividly.stage.failed', 'error'],
  ['exception', 'error'],
  ['vividly.retry', 'warning'],
  ['vividly.circuit_breaker.state_changed', 'warning'],
  ['vividly.stage.started', 'info'],
])('without a severity number %s is %s', (eventName, severity) => {
  const attributes = [{ key: 'vividly.circuit_breaker.state', value: 'open' }]
  expect(signalOf({ severityNumber: 0, eventName, attributes })?.severity).toBe(severity)
})

test('a breaker that closes is no warning', () => {
  const attributes = [{ key: 'vividly.circuit_breaker.state', value: 'closed' }]
  const eventName = 'vividly.circuit_breaker.state_changed'
  expect(signalOf({ severityNumber: 0, eventName, attributes })?.severity).toBe('info')
})

test('time falls back to the observed one', () => {
  expect(signalOf({ timeUnixNano: 0n })?.time_us).toBe(1_709_234_567_890_128)
})

test('a record outside of any trace has no IDs; a malformed ID refuses', () => {
  expect(signalOf({ traceId: '', spanId: '' })).toMatchObject({ trace_id: null, span_id: null })
  const zeros = { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }
  expect(signalOf(zeros)).toMatchObject({ trace_id: null, span_id: null })
  for (const changes of [{ traceId: 'abc' }, { spanId: '0'.repeat(8) }]) {
    const { logs, refusals } = toLogBatch(groupOf({ ...exampleLogRecord, ...changes }))
    expect(logs).toEqual([])
    expect(refusals).toMatchObject([{ signal: 'log_record', reason: expect.stringMatching(/^bad_(trace|span)_id$/) }])
  }
})

test('a record with no time at all is refused', () => {
  const { refusals } = toLogBatch(groupOf({ ...exampleLogRecord, timeUnixNano: 0n, observedTimeUnixNano: 0n }))
  expect(refusals).toMatchObject([{ reason: 'bad_time' }])
})

test('a body that is no text becomes its JSON', () => {
  expect(signalOf({ body: { entries: [{ key: 'a', value: { list: [1n, true] } }] } })?.message).toBe('{"a":[1,true]}')
  expect(signalOf({ body: 5n })?.message).toBe('5')
  expect(signalOf({ body: '' })?.message).toBe('')
  expect(signalOf({ body: null })?.message).toBeNull()
})
