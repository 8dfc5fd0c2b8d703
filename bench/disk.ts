/** `npm run bench:disk`: bytes on disk of all that requests leave behind, and what other forms of the same rows would take. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import postgres from 'postgres'
import { readTableBytes } from './disk/readTableBytes.ts'
import { storedAs } from './disk/storedAs.ts'
import { ITEMS_PER_REQUEST, makeWorkload } from './ingest/makeWorkload.ts'
import type { Body } from './ingest/makeWorkload.ts'
import { measureIngest } from './ingest/measureIngest.ts'
import { writeFigures } from './measure/writeFigures.ts'
import { SPANS_A_TRACE, makeTraces, toProtobuf, toSpanBatches } from './peers/makeTraces.ts'

const { requests, json } = new Command('bench:disk')
  .description('Stores requests through a tracker with a Postgres of its own and measures their tables. Linux only.')
  .option('--requests <count>', 'requests of each workload', Number, 1_500)
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ requests: number; json?: string }>()

const traceBodies = (count: number, startMs: number): Body[] =>
  toSpanBatches(makeTraces(count, startMs), 500).map((spans) => (
    { path: '/v1/traces', type: 'application/x-protobuf', items: spans.length, body: toProtobuf(spans) }
  ))
const workloads = [
  {
    name: 'records and spans, four attributes', items: ITEMS_PER_REQUEST,
    tell: (count: number, startMs: number) => makeWorkload(count, 500, 'protobuf', startMs),
  },
  { name: 'spans alone, ten attributes', items: SPANS_A_TRACE, tell: traceBodies },
] as const

const dataDir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
const server = await startEmbeddedPostgres({ dataDir, settings: { max_wal_size: '8GB' } })
try {
  const forms: Record<string, Record<string, number>> = {}
  for (const { name, items, tell } of workloads) {
    await onEmptyDatabase(async (databaseUrl) => {
      const postmaster = server.pid() ?? Number.NaN
      // The first half is vacuumed before the second comes, as in a day that goes on.
      for (const agoMs of [7_200_000, 3_600_000]) {
        const count = Math.ceil(requests / 2)
        const bodies = tell(count, Date.now() - agoMs)
        await measureIngest({ databaseUrl, postmaster, warmUp: [], bodies, clients: 8 })
        await withDatabase(databaseUrl, (sql) => sql`vacuum analyze`)
      }
      await withDatabase(databaseUrl, async (sql) => {
        const told = 2 * Math.ceil(requests / 2) * items
        const tables = await readTableBytes(sql)
        console.log(`\n${name}: bytes on disk an item (${told} items), all tables and indexes`)
        console.table(
          Object.fromEntries(
            tables.filter(({ rows }) => rows >= requests).map(({ table, rows, heap, indexes }) => [
              table, { rows, 'heap a row': round(heap / rows), 'indexes a row': round(indexes / rows), 'an item': round((heap + indexes) / told) },
            ]),
          ),
        )
        forms[`an event of ${name}`] = await storedAs(sql, 'request_events', postmaster)
        forms[`a span of ${name}`] = await storedAs(sql, 'request_spans', postmaster)
      })
    })
  }
  console.log('\nThe same rows in other forms: bytes an item with indexes')
  console.table(Object.fromEntries(Object.keys(Object.values(forms)[0] ?? {}).map((form) => [
    form, Object.fromEntries(Object.entries(forms).map(([of, bytes]) => [of, round(bytes[form] ?? Number.NaN)])),
  ])))
  await writeFigures(json, forms)
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

function round(bytes: number): number {
  return Math.round(bytes)
}

async function withDatabase<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

async function onEmptyDatabase(work: (databaseUrl: string) => Promise<void>): Promise<void> {
  const name = `bench_${Date.now()}`
  const url = new URL(server.databaseUrl)
  url.pathname = name
  await withDatabase(server.databaseUrl, (admin) => admin`create database ${admin(name)}`)
  await migrate(url.href)
  await work(url.href)
  await withDatabase(server.databaseUrl, (admin) => admin`drop database ${admin(name)} with (force)`)
}
