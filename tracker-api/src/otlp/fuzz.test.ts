import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLogs, decodeTraces, ENCODINGS } from './decode.ts'
import { encodeJsonLogRecords, encodeJsonSpans } from './testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans, encodeValue } from './testing/encodeProtobuf.ts'
import { exampleEvent, exampleLogRecord, exampleSpan, groupOf } from './testing/exampleSpan.ts'
import { UnreadableBody } from './UnreadableBody.ts'
import type { WireLogRecord, WireValue } from './wire.ts'

/** Bodies; each is decoded four ways. `RUNS=300000 npx vitest run --project pure otlp/fuzz` for a million and more. */
const runs = Number(process.env['RUNS'] ?? 3_000)
const timeout = 60_000 + runs * 10

/** Decodes as traces and as logs, in either encoding; throws what must never be thrown. */
function decodeEveryWay(body: Buffer): { read: number; refused: number } {
  const outcomes = { read: 0, refused: 0 }
  for (const decode of [decodeTraces, decodeLogs]) {
    for (const encoding of ENCODINGS) {
      try {
        JSON.stringify(decode(body, encoding))
        outcomes.read++
      } catch (error) {
        if (!(error instanceof UnreadableBody)) throw error
        outcomes.refused++
      }
    }
  }
  return outcomes
}

const value: WireValue = {
  entries: [
    { key: 'list', value: { list: [1n, 0.5, true, null, Uint8Array.of(1, 2)] } },
    { key: 'text', value: 'é😀' },
  ],
}
const spans = groupOf({ ...exampleSpan, events: [exampleEvent] }, exampleSpan)
const records = groupOf<WireLogRecord>({ ...exampleLogRecord, body: value })
const originals = [
  encodeProtobufSpans(spans),
  encodeJsonSpans(spans),
  encodeProtobufLogRecords(records),
  encodeJsonLogRecords(records),
  Buffer.from(encodeValue(value)),
]
const bytes = fc.uint8Array({ maxLength: 4 })
const splice = fc.record({ at: fc.nat(), cut: fc.nat(3), bytes })
/** Of the same length: what is around it stays readable. */
const overwrite = fc.record({ at: fc.nat(), bytes }).map((edit) => ({ ...edit, cut: edit.bytes.length }))
const mutations = fc.array(fc.oneof(splice, overwrite), { minLength: 1, maxLength: 4 })

test('mutated bodies are read or refused as unreadable, and nothing else', { timeout }, () => {
  const total = { read: 0, refused: 0 }
  fc.assert(
    fc.property(fc.constantFrom(...originals), mutations, (original, edits) => {
      let body = original
      for (const { at, cut, bytes: inserted } of edits) {
        const start = at % (body.length + 1)
        body = Buffer.concat([body.subarray(0, start), inserted, body.subarray(start + cut)])
      }
      const { read, refused } = decodeEveryWay(body)
      total.read += read
      total.refused += refused
    }),
    { numRuns: runs },
  )
  // Both must have been tried: each body is decoded four ways, of which one is its own.
  expect(Math.min(total.read, total.refused)).toBeGreaterThan(500)
})

test('random bytes are read or refused as unreadable, and nothing else', { timeout }, () => {
  let refused = 0
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      refused += decodeEveryWay(Buffer.from(bytes)).refused
    }),
    { numRuns: Math.ceil(runs / 3) },
  )
  expect(refused).toBeGreaterThan(500)
})
