import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readProtobufLogRecords, readProtobufSpans } from './readProtobuf.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from './testing/encodeProtobuf.ts'
import { readLogRecordsByLibrary, readSpansByLibrary } from './testing/readByLibrary.ts'
import { logRecordGroups, spanGroups } from './testing/wireArbitraries.ts'
import { UnreadableBody } from './UnreadableBody.ts'
import { TOO_DEEP } from './wire.ts'

/** `RUNS=1000000 npx vitest run --project pure readProtobuf` for a night. */
const runs = Number(process.env['RUNS'] ?? 2_000)

const spanBodies = spanGroups.map(encodeProtobufSpans)
const logBodies = logRecordGroups.map(encodeProtobufLogRecords)
const readers = [
  { of: 'spans', bodies: spanBodies, own: readProtobufSpans, library: readSpansByLibrary },
  { of: 'log records', bodies: logBodies, own: readProtobufLogRecords, library: readLogRecordsByLibrary },
] as const

const edits = fc.array(fc.record({ at: fc.nat(), cut: fc.nat(2), bytes: fc.uint8Array({ maxLength: 3 }) }), { minLength: 1, maxLength: 3 })
const damaged = (bodies: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.tuple(bodies, edits).map(([original, all]) => {
    let body = original
    for (const { at, cut, bytes } of all) {
      const start = at % (body.length + 1)
      body = Buffer.concat([body.subarray(0, start), bytes, body.subarray(start + cut)])
    }
    return body
  })

/** `undefined` for a body that is refused; throws whatever else is thrown. */
function outcomeOf<T>(read: (body: Buffer) => T, body: Buffer): T | undefined {
  try {
    return read(body)
  } catch (error) {
    if (error instanceof UnreadableBody) return undefined
    throw error
  }
}

function holdsTooDeep(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsTooDeep)
  return value === TOO_DEEP
}

test.each(readers)('$of are read as a library reads them', { timeout: 600_000 }, ({ bodies, own, library }) => {
  fc.assert(
    fc.property(bodies, (body) => {
      expect(own(body)).toStrictEqual(library(body))
    }),
    { numRuns: Math.ceil(runs / 10) },
  )
})

test.each(readers)('damaged $of are refused or read as a library does', { timeout: 600_000 }, ({ bodies, own, library }) => {
  const seen = { read: 0, refused: 0 }
  fc.assert(
    fc.property(damaged(bodies), (body) => {
      const [read, expected] = [outcomeOf<unknown>(own, body), outcomeOf<unknown>(library, body)]
      seen[read === undefined ? 'refused' : 'read']++
      // Below the deepest value that we read the library looks on, and may find a fault there.
      if (expected === undefined && holdsTooDeep(read)) return
      expect(read).toStrictEqual(expected)
    }),
    { numRuns: runs },
  )
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(runs / 20)
})

test('a resource behind its scopes, and in parts, is the resource of all', () => {
  const attribute = (key: string): number[] => [0x0a, key.length + 2, 0x0a, key.length, ...Buffer.from(key)]
  const resource = (key: string): number[] => [0x0a, attribute(key).length, ...attribute(key)]
  const scope = [0x12, 0x02, 0x12, 0x00]
  const inside = [...resource('a'), ...scope, ...resource('b')]
  const [group] = readProtobufSpans(Buffer.from([0x0a, inside.length, ...inside]))
  expect(group?.resource).toEqual([{ key: 'a', value: null }, { key: 'b', value: null }])
  expect(group?.records).toHaveLength(1)
})
