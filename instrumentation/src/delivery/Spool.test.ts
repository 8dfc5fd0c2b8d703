import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { GapLedger } from './GapLedger.ts'
import { ENCODINGS, PRIORITIES, SIGNALS } from './Parcel.ts'
import type { Parcel, Priority } from './Parcel.ts'
import { Spool } from './Spool.ts'
import { readSpoolFile, spoolFileOf } from './spoolFile.ts'

let folder: string
let ledger: GapLedger
let warnings: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'))
  ledger = new GapLedger()
  warnings = []
  const silent = (): void => {}
  const note = (message: string): void => void warnings.push(message)
  diag.setLogger({ error: note, warn: note, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN)
})
afterEach(async () => {
  diag.disable()
  await rm(folder, { recursive: true, force: true })
})

const openSpool = (maxBytes: number): Spool =>
  new Spool({ folder, leftovers: [], maxBytes, lose: (reason, tallies) => ledger.add(reason, tallies) })

function makeParcel(traceId: string, priority: Priority): Parcel {
  const tallies = [{ traceId, records: 2, spans: 1, fromMs: 5, toMs: 9 }]
  return { signal: 'logs', encoding: 'http/json', priority, body: Buffer.alloc(3000, traceId), tallies }
}

it('reads back what it wrote, and nothing that was cut or altered', () => {
  const parcels = fc.record({
    signal: fc.constantFrom(...SIGNALS),
    encoding: fc.constantFrom(...ENCODINGS),
    priority: fc.constantFrom(...PRIORITIES),
    body: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    tallies: fc.array(
      fc.record({ traceId: fc.string(), records: fc.nat(), spans: fc.nat(), fromMs: fc.nat(), toMs: fc.nat() }),
    ),
  })
  fc.assert(
    fc.property(parcels, fc.nat(), (parcel, at) => {
      const file = spoolFileOf(parcel)
      expect(readSpoolFile(file)).toEqual(parcel)
      expect(readSpoolFile(file.subarray(0, at % file.length))).toBeUndefined()
      const last = file.length - 1
      file.writeUInt8(file.readUInt8(last) ^ 1, last)
      expect(readSpoolFile(file)).toBeUndefined()
    }),
  )
})

it('keeps what memory has no room for, and gives the most important back first', async () => {
  const spool = openSpool(1_000_000)
  const parcels = (['diagnostic', 'life_cycle', 'outcome'] as const).map((priority) => makeParcel(priority, priority))
  for (const parcel of parcels) await spool.keep(parcel)
  expect(spool.hasBacklog).toBe(true)
  const back = await spool.take(1_000_000)
  expect(back.map(({ priority }) => priority)).toEqual(['life_cycle', 'outcome', 'diagnostic'])
  expect(back.toSorted((a, b) => a.priority.localeCompare(b.priority))).toEqual(
    parcels.toSorted((a, b) => a.priority.localeCompare(b.priority)),
  )
  expect(await readdir(folder)).toHaveLength(3)
  for (const parcel of back) spool.settle(parcel)
  await spool.take(1)
  expect(await readdir(folder)).toEqual([])
})

it('full, drops the oldest of the least important, warns once and tells exactly', async () => {
  const spool = openSpool(4 * 4096)
  for (const name of ['d1', 'd2', 'd3']) await spool.keep(makeParcel(name, 'diagnostic'))
  for (const name of ['l1', 'l2', 'l3']) await spool.keep(makeParcel(name, 'life_cycle'))
  await spool.keep(makeParcel('d4', 'diagnostic'))
  const lost = ledger.take()
  expect(lost.map(({ traceId }) => traceId)).toEqual(['d1', 'd2', 'd3'])
  for (const gap of lost) expect(gap).toMatchObject({ records: 2, spans: 1, reasons: ['spool_full'] })
  const kept = await spool.take(1_000_000)
  expect(kept.map(({ tallies }) => tallies[0]?.traceId)).toEqual(['l1', 'l2', 'l3', 'd4'])
  expect(warnings).toHaveLength(1)
})

it('on a disk that breaks, warns once, counts what it could not keep, and still gives back what it can', async () => {
  const spool = openSpool(1_000_000)
  await spool.keep(makeParcel('before', 'outcome'))
  await rm(folder, { recursive: true })
  await writeFile(folder, 'no folder any more')
  for (const name of ['a', 'b', 'c']) {
    spool.writeAhead(makeParcel(name, 'life_cycle'))
    await spool.keep(makeParcel(name, 'outcome'))
  }
  expect(ledger.take().map(({ traceId, reasons }) => [traceId, ...reasons])).toEqual(
    ['a', 'b', 'c'].map((name) => [name, 'spool_broken']),
  )
  expect(await spool.take(1000)).toEqual([])
  expect(warnings.filter((warning) => warning.includes('is broken'))).toHaveLength(1)
})
