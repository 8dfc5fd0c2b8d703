import {
  ATTR_LOG_RECORD_UID,
  ATTR_SERVICE_NAME,
  ATTR_STAGE_NAME,
  ATTR_STAGE_OUTPUT,
  EVENT_STAGE_FAILED,
  EVENT_STAGE_STARTED,
} from '@vividly/instrumentation/semconv'
import fc from 'fast-check'
import type { WireAttribute, WireEvent, WireGroup, WireLogRecord, WireSpan, WireValue } from '../wire.ts'

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))
const id = (digits: number) =>
  fc.oneof(
    { weight: 12, arbitrary: hex(digits) },
    fc.constantFrom('', '0'.repeat(digits), '0'.repeat(digits - 2), 'ab'.repeat(digits / 2 + 1)),
  )

const nanos = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt(1_600_000_000_000_000_000n, 1_800_000_000_000_000_000n) },
  fc.constantFrom(0n, 1n, 999n, 1000n, 2n ** 63n, 2n ** 64n - 1n),
)

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string(),
  fc.constantFrom('', '\0', 'a\0b', '"\\', 'é'.repeat(2_500), '😀'.repeat(1_100)),
)

const key = fc.oneof(
  { weight: 8, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
  fc.constantFrom(
    ATTR_STAGE_NAME,
    ATTR_STAGE_OUTPUT,
    ATTR_LOG_RECORD_UID,
    'event.name',
    'exception.type',
    'exception.stacktrace',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    '',
    'k'.repeat(257),
  ),
)

const plainValue: fc.Arbitrary<WireValue> = fc.oneof(
  fc.constant(null),
  text,
  fc.boolean(),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 0n, -1n),
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0.1),
  fc.uint8Array({ maxLength: 20 }),
)

const nestedValue: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plainValue,
    fc.array(tie('value'), { maxLength: 3 }).map((list) => ({ list })),
    fc.array(fc.record({ key, value: tie('value') }), { maxLength: 3 }).map((entries) => ({ entries })),
  ),
})).value

/** A value of an exact depth, around the limit. */
const deepValue = fc.array(fc.boolean(), { minLength: 25, maxLength: 40 }).map((levels): WireValue =>
  levels.reduce<WireValue>(
    (below, isList) => (isList ? { list: [below] } : { entries: [{ key: 'k', value: below }] }),
    'bottom',
  ),
)

const value = fc.oneof({ weight: 12, arbitrary: nestedValue }, deepValue)
const attributes: fc.Arbitrary<WireAttribute[]> = fc.oneof(
  { weight: 12, arbitrary: fc.array(fc.record({ key, value }), { maxLength: 5 }) },
  fc
    .integer({ min: 120, max: 140 })
    .map((count) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: BigInt(i) }))),
)
const droppedAttributesCount = fc.constantFrom(0, 0, 0, 3)

const event: fc.Arbitrary<WireEvent> = fc.record({
  name: fc.oneof(fc.constantFrom('exception', '', 'cache.miss', EVENT_STAGE_FAILED), text),
  timeUnixNano: nanos,
  attributes,
  droppedAttributesCount,
})

const span: fc.Arbitrary<WireSpan> = fc.record({
  traceId: id(32),
  spanId: id(16),
  parentSpanId: id(16),
  name: text,
  kind: fc.integer({ min: -1, max: 7 }),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  droppedAttributesCount,
  events: fc.array(event, { maxLength: 3 }),
  statusCode: fc.integer({ min: 0, max: 3 }),
  statusMessage: text,
})

const logRecord: fc.Arbitrary<WireLogRecord> = fc.record({
  traceId: id(32),
  spanId: id(16),
  eventName: fc.oneof(fc.constantFrom('', EVENT_STAGE_STARTED, EVENT_STAGE_FAILED), text),
  timeUnixNano: nanos,
  observedTimeUnixNano: nanos,
  severityNumber: fc.integer({ min: 0, max: 25 }),
  body: value,
  attributes,
  droppedAttributesCount,
})

const resource: fc.Arbitrary<WireAttribute[]> = fc.oneof(
  attributes,
  value.map((serviceName): WireAttribute[] => [{ key: ATTR_SERVICE_NAME, value: serviceName }]),
)

function groups<WireRecord>(record: fc.Arbitrary<WireRecord>): fc.Arbitrary<WireGroup<WireRecord>[]> {
  const records = fc.array(record, { maxLength: 4 })
  return fc.array(fc.record({ path: fc.constant(''), resource, scope: text, records }), { maxLength: 3 })
}

/** Requests of all that the wire can say, well and ill; texts hold no lone surrogates, which protobuf can't. */
export const spanGroups: fc.Arbitrary<WireGroup<WireSpan>[]> = groups(span)
export const logRecordGroups: fc.Arbitrary<WireGroup<WireLogRecord>[]> = groups(logRecord)
