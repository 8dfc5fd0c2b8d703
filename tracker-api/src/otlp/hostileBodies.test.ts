import protobuf from 'protobufjs/light.js'
import { expect, test } from 'vitest'
import { decodeLogs, decodeTraces } from './decode.ts'
import type { Encoding } from './decode.ts'
import { encodeJsonSpans } from './testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from './testing/encodeProtobuf.ts'
import { exampleEvent, exampleLogRecord, exampleSpan, groupOf } from './testing/exampleSpan.ts'
import { UnreadableBody } from './UnreadableBody.ts'
import type { WireLogRecord, WireSpan, WireValue } from './wire.ts'

/** What a body is refused with; anything but {@link UnreadableBody} fails the test. */
function refusalOf(body: Buffer, encoding: Encoding): UnreadableBody | undefined {
  try {
    decodeTraces(body, encoding)
    return undefined
  } catch (error) {
    if (error instanceof UnreadableBody) return error
    throw error
  }
}

function nested(levels: number): WireValue {
  let value: WireValue = 'bottom'
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? { list: [value] } : { entries: [{ key: 'k', value }] }
  return value
}

test.each([
  ['[', ']'],
  ['{"a":', '}'],
  ['{"resourceSpans":[', ']}'],
])('JSON of 200,000 levels of %s is refused before parsing', (opening, closing) => {
  const body = Buffer.from(`${opening.repeat(200_000)}null${closing.repeat(200_000)}`)
  expect(refusalOf(body, 'json')).toMatchObject({ status: 400, message: expect.stringContaining('nested deeper') })
})

test('brackets inside of texts are no levels', () => {
  const body = JSON.stringify({ unknown: ['[{'.repeat(2_000), '\\"[{'.repeat(2_000)] })
  expect(decodeTraces(Buffer.from(body), 'json').spans).toEqual([])
})

test('a value may have 32 levels, in both encodings', () => {
  for (const [levels, stored] of [[31, 1], [32, 0], [200, 0]] as const) {
    const deep: WireSpan = { ...exampleSpan, attributes: [{ key: 'deep', value: nested(levels) }] }
    const groups = groupOf(exampleSpan, deep)
    for (const batch of [
      decodeTraces(encodeProtobufSpans(groups), 'protobuf'),
      decodeTraces(encodeJsonSpans(groups), 'json'),
    ]) {
      expect(batch.spans).toHaveLength(1 + stored)
      expect(batch.refusals.map(({ reason }) => reason)).toEqual(stored ? [] : ['too_deep'])
      expect(JSON.stringify(batch.refusals)).toContain(stored ? '[]' : '[too deep]')
    }
  }
})

test('a protobuf value of 1,000 levels costs its record, not its request', () => {
  const deep: WireLogRecord = { ...exampleLogRecord, body: nested(1_000) }
  const body = encodeProtobufLogRecords(groupOf(deep, exampleLogRecord))
  const { logs, refusals } = decodeLogs(body, 'protobuf')
  expect(logs).toHaveLength(1)
  expect(refusals).toMatchObject([{ signal: 'log_record', reason: 'too_deep' }])
})

test('unknown protobuf groups nested 100,000 deep are refused', () => {
  const startGroup = Buffer.alloc(100_000, (50 << 3) | 3)
  expect(refusalOf(startGroup, 'protobuf')).toMatchObject({ status: 400 })
})

test.each([
  ['a length of 2^31', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x08]],
  ['a length beyond the end', [0x0a, 0x05, 0x01]],
  ['a varint of eleven bytes', [0x78, ...Array.from({ length: 10 }, () => 0xff), 0x01]],
  ['field number 0', [0x02, 0x00]],
  ['a stray end of a group', [0x0c]],
  ['wire type 7', [0x0f]],
  ['JSON', [...Buffer.from('{"resourceSpans":[]}')]],
])('protobuf with %s is refused', (_, bytes) => {
  expect(refusalOf(Buffer.from(bytes), 'protobuf')).toMatchObject({ status: 400 })
})

const empty = ['', '{}', '{"resourceSpans":null}', '{"resourceSpans":[{}]}', '{"unknown":1}']
test.each(empty)('%j holds nothing', (json) => {
  expect(decodeTraces(Buffer.from(json), 'json')).toEqual({ spans: [], logs: [], refusals: [] })
})

test('an empty protobuf holds nothing', () => {
  expect(decodeTraces(Buffer.alloc(0), 'protobuf')).toEqual({ spans: [], logs: [], refusals: [] })
})

test.each(['{', 'null', '[]', '5', '"x"', '{"resourceSpans":5}', '{"resourceSpans":[[]]}', '\u0000', '\n\u0012'])(
  '%j is refused',
  (json) => {
    expect(refusalOf(Buffer.from(json), 'json')).toMatchObject({ status: 400 })
  },
)

test('a million empty spans are refused by count, in both encodings and whatever holds them', { timeout: 60_000 }, () => {
  const spans = Buffer.alloc(2_000_000, Buffer.from([0x12, 0x00]))
  const inScope = protobuf.Writer.create().uint32(0x12).bytes(spans).finish()
  const protobufBody = Buffer.from(protobuf.Writer.create().uint32(0x0a).bytes(inScope).finish())
  expect(refusalOf(protobufBody, 'protobuf')).toMatchObject({ status: 413 })

  const emptyResources = Buffer.alloc(10_000_000, Buffer.from([0x0a, 0x00]))
  expect(refusalOf(emptyResources, 'protobuf')).toMatchObject({ status: 413 })

  const jsonBody = `{"resourceSpans":[{"scopeSpans":[{"spans":[${'{},'.repeat(999_999)}{}]}]}]}`
  expect(refusalOf(Buffer.from(jsonBody), 'json')).toMatchObject({ status: 413 })
  expect(refusalOf(Buffer.from(`[${'{},'.repeat(3_000_000)}{}]`), 'json')).toMatchObject({ status: 413 })
})

test('the events of spans count too', { timeout: 60_000 }, () => {
  const span = { ...exampleSpan, events: Array.from({ length: 1_000 }, () => exampleEvent) }
  const groups = groupOf(...Array.from({ length: 100 }, () => span))
  expect(refusalOf(encodeProtobufSpans(groups), 'protobuf')).toMatchObject({ status: 413 })
  expect(refusalOf(encodeJsonSpans(groups), 'json')).toMatchObject({ status: 413 })
})

test('fields of another type cost their record', () => {
  const good = JSON.parse(encodeJsonSpans(groupOf(exampleSpan)).toString()).resourceSpans[0].scopeSpans[0].spans[0]
  const bad: object[] = [
    { kind: 'SPAN_KIND_SERVER' },
    { name: 5 },
    { startTimeUnixNano: '1e3' },
    { startTimeUnixNano: '-1' },
    { startTimeUnixNano: 1.5 },
    { startTimeUnixNano: '18446744073709551616' },
    { attributes: {} },
    { attributes: [{ key: 'k', value: { intValue: '9223372036854775808' } }] },
    { attributes: [{ key: 'k', value: { intValue: '0x10' } }] },
    { attributes: [{ key: 'k', value: { boolValue: 'yes' } }] },
    { attributes: [{ key: 'k', value: 'bare' }] },
    { events: 'none' },
  ]
  const spans = [good, ...bad.map((fields) => ({ ...good, ...fields })), null]
  const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))
  const batch = decodeTraces(body, 'json')
  expect(batch.spans).toHaveLength(1)
  expect(batch.refusals.map(({ reason }) => reason)).toEqual([...bad.map(() => 'malformed'), 'bad_trace_id'])
  expect(batch.refusals[0]?.payload).toMatchObject({ traceId: exampleSpan.traceId, name: exampleSpan.name })
})

test('integers written without quotes stay exact', () => {
  const integer = '{"key":"k","value":{"intValue":9007199254740993}}'
  const double = '{"key":"d","value":{"doubleValue":0.30000000000000004}}'
  const record = `{"timeUnixNano":1709234567890123999,"attributes":[${integer},${double}]}`
  const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`
  expect(decodeLogs(Buffer.from(body), 'json').logs).toMatchObject([
    { time_us: 1_709_234_567_890_123, attributes: { k: '9007199254740993', d: 0.30000000000000004 } },
  ])
})

test('protobuf text that is no UTF-8 becomes U+FFFD', () => {
  const groups = groupOf({ ...exampleLogRecord, eventName: 'xyz', body: 'QQQ' })
  const body = encodeProtobufLogRecords(groups)
  for (const [text, bytes] of [['xyz', [0xc0, 0x80, 0x41]], ['QQQ', [0xed, 0xa0, 0x80]]] as const) {
    Buffer.from(bytes).copy(body, body.indexOf(text))
  }
  expect(decodeLogs(body, 'protobuf').logs).toMatchObject([
    { event_name: '\uFFFD\uFFFDA', message: '\uFFFD\uFFFD\uFFFD' },
  ])
})
