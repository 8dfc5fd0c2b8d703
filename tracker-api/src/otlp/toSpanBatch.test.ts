import { expect, test } from 'vitest'
import type { Attributes } from '../signal.ts'
import { exampleEvent, exampleSpan, groupOf } from './testing/exampleSpan.ts'
import { toSpanBatch } from './toBatch.ts'
import type { WireAttribute, WireSpan, WireValue } from './wire.ts'

function batchOf(changes: Partial<WireSpan>) {
  return toSpanBatch(groupOf({ ...exampleSpan, ...changes }))
}

function attributesOf(attributes: WireAttribute[], droppedAttributesCount = 0): Attributes {
  return batchOf({ attributes, droppedAttributesCount }).spans[0]?.attributes ?? {}
}

test('a span becomes a signal, its times whole microseconds rounded down', () => {
  expect(batchOf({ statusCode: 2, statusMessage: 'gone' })).toEqual({
    spans: [
      {
        trace_id: 'c1d17092345678900d601345a1b2c3d4',
        span_id: 'aaaaaaaaaaaaaaaa',
        parent_span_id: '0d601345a1b2c3d4',
        name: 'stage validation',
        kind: 1,
        started_us: 1_709_234_567_890_123,
        ended_us: 1_709_234_569_890_124,
        status_code: 2,
        status_message: 'gone',
        attributes: { 'vividly.stage.name': 'validation' },
        exception: null,
        scope: 'example',
        service: 'content-worker',
        host: 'worker-1',
        instance: 'i-1',
      },
    ],
    logs: [],
    refusals: [],
  })
})

test.each<[string, Partial<WireSpan>]>([
  ['bad_trace_id', { traceId: '' }],
  ['bad_trace_id', { traceId: '0'.repeat(32) }],
  ['bad_trace_id', { traceId: 'ab'.repeat(15) }],
  ['bad_trace_id', { traceId: `${'ab'.repeat(15)}zz` }],
  ['bad_span_id', { spanId: '0'.repeat(16) }],
  ['bad_span_id', { spanId: 'ab'.repeat(9) }],
  ['bad_span_id', { parentSpanId: 'ab' }],
  ['bad_time', { startTimeUnixNano: 0n }],
  ['bad_time', { endTimeUnixNano: 0n }],
  ['bad_time', { startTimeUnixNano: 2n ** 63n, endTimeUnixNano: 2n ** 63n }],
])('%s refuses %o, its events with it, and says where it stood', (reason, changes) => {
  const { spans, logs, refusals } = batchOf({ ...changes, events: [exampleEvent] })
  expect({ spans, logs }).toEqual({ spans: [], logs: [] })
  expect(refusals).toEqual([
    {
      signal: 'span',
      reason,
      detail: expect.stringMatching(/^resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]: /),
      payload: expect.objectContaining({ name: 'stage validation', service: 'content-worker' }),
    },
  ])
})

test('an empty or all-zero parent is none', () => {
  expect(batchOf({ parentSpanId: '' }).spans[0]?.parent_span_id).toBeNull()
  expect(batchOf({ parentSpanId: '0'.repeat(16) }).spans[0]?.parent_span_id).toBeNull()
})

test('a good span beside a bad one is kept', () => {
  const batch = toSpanBatch(groupOf(exampleSpan, { ...exampleSpan, traceId: '' }, exampleSpan))
  expect(batch.spans).toHaveLength(2)
  expect(batch.refusals.map(({ detail }) => detail)).toEqual([expect.stringContaining('spans[1]')])
})

test('a span that ends before it starts keeps its start and notes by how much', () => {
  const [span] = batchOf({ endTimeUnixNano: exampleSpan.startTimeUnixNano - 3_000_000n }).spans
  expect(span).toMatchObject({ started_us: span?.ended_us, attributes: { 'tracker.clock_skew_us': 3000 } })
})

test('events are log records of their span, and its exception is the last one', () => {
  const { spans, logs, refusals } = batchOf({
    events: [
      exampleEvent,
      { ...exampleEvent, attributes: [{ key: 'exception.type', value: 'RangeError' }] },
      { ...exampleEvent, name: 'vividly.retry', attributes: [] },
      { ...exampleEvent, timeUnixNano: 0n },
    ],
  })
  expect(spans[0]?.exception).toEqual({ 'exception.type': 'RangeError' })
  expect(logs.map(({ event_name, severity }) => [event_name, severity])).toEqual([
    ['exception', 'error'],
    ['exception', 'error'],
    ['vividly.retry', 'warning'],
  ])
  const { traceId, spanId } = exampleSpan
  expect(logs[0]).toMatchObject({ trace_id: traceId, span_id: spanId, uid: null, message: null })
  expect(refusals).toMatchObject([{ signal: 'log_record', reason: 'bad_time' }])
  expect(refusals[0]?.detail).toContain('spans[0].events[3]: ')
})

test.each<[WireValue, unknown]>([
  [9_007_199_254_740_991n, 9_007_199_254_740_991],
  [9_007_199_254_740_993n, '9007199254740993'],
  [-(2n ** 63n), '-9223372036854775808'],
  [Number.NaN, null],
  [Infinity, null],
  [-0, 0],
  [0.1, 0.1],
  [true, true],
  [null, null],
  ['a\0b\uD800', 'a\uFFFDb\uFFFD'],
  [Uint8Array.of(1, 2, 255), 'AQL/'],
  [{ list: ['x', { list: [1n] }] }, ['x', [1]]],
  [{ entries: [{ key: 'a', value: { entries: [{ key: 'b', value: 2n }] } }] }, { a: { b: 2 } }],
])('the value %o becomes %o', (value, expected) => {
  expect(attributesOf([{ key: 'k', value }])).toStrictEqual({ k: expected })
})

test('unusable keys are dropped at every level and counted, and nothing of ours is changed by them', () => {
  const bad = ['', '__proto__', 'constructor', 'prototype', 'k'.repeat(257)].map((key) => ({ key, value: 'evil' }))
  const map: WireValue = { entries: [...bad, { key: 'toString', value: 1n }] }
  const attributes = attributesOf([...bad, { key: 'map', value: map }])
  expect(Object.entries(attributes)).toEqual([
    ['map', { toString: 1 }],
    ['otel.dropped_attributes_count', 10],
  ])
  expect(({} as { evil?: unknown }).evil).toBeUndefined()
})

test('128 attributes are kept, the others counted with those that the sender dropped', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => ({ key: `k${i}`, value: BigInt(i) }))
  const attributes = attributesOf(many, 7)
  expect(Object.keys(attributes)).toHaveLength(129)
  expect(attributes).toMatchObject({ k0: 0, k127: 127, 'otel.dropped_attributes_count': 99_872 + 7 })
})

test('of a key that comes twice the last counts', () => {
  const attributes = attributesOf([
    { key: 'k', value: 1n },
    { key: 'k', value: 2n },
  ])
  expect(attributes).toEqual({ k: 2 })
})

test('texts are cut at 4 KiB, the long ones at 64 KiB, between characters, and counted', () => {
  const attributes = attributesOf([
    { key: 'short', value: 'x'.repeat(4096) },
    { key: 'long', value: `a${'é'.repeat(5_000_000)}` },
    { key: 'emoji', value: `abc${'😀'.repeat(2_000)}` },
    { key: 'exception.stacktrace', value: 'y'.repeat(70_000) },
    { key: 'vividly.stage.output', value: { entries: [{ key: 'text', value: 'z'.repeat(60_000) }] } },
  ]) as Record<string, string>
  expect(attributes['short']).toHaveLength(4096)
  expect(attributes['long']).toBe(`a${'é'.repeat(2047)}`)
  expect(attributes['emoji']).toBe(`abc${'😀'.repeat(1023)}`)
  expect(attributes['exception.stacktrace']).toHaveLength(65_536)
  expect(attributes['vividly.stage.output']).toEqual({ text: 'z'.repeat(60_000) })
  expect(attributes['tracker.truncated_texts_count']).toBe(3)
})
