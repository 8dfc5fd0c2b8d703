import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import postgres from 'postgres'
import { cpuSeconds } from './cpuSeconds.ts'
import type { Cost } from './measureIngest.ts'

const ROWS_OF_A_COPY = 5_000
const tables = ['request_events', 'request_spans'] as const

/**
 * The limit: the rows that ingest stored, as text made beforehand, by COPY into tables of the same columns and key, a
 * commit every 5,000 rows. Nothing is decoded, compared or derived.
 */
export async function measureCopy(databaseUrl: string, postmaster: number): Promise<Cost> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    const copies: { table: string; rows: number; text: string }[] = []
    for (const table of tables) {
      const rows = await readRows(sql, table)
      await sql.unsafe(`create table copied_${table} (like ${table} including all)`)
      for (let i = 0; i < rows.length; i += ROWS_OF_A_COPY) {
        const some = rows.slice(i, i + ROWS_OF_A_COPY)
        copies.push({ table, rows: some.length, text: `${some.join('\n')}\n` })
      }
    }
    const before = await cpuSeconds(postmaster)
    const own = process.cpuUsage()
    const startedMs = performance.now()
    for (const { table, text } of copies) {
      const writable = await sql.unsafe(`copy copied_${table} from stdin`).writable()
      writable.end(text)
      await once(writable, 'finish')
    }
    const seconds = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(own)
    const postgresSeconds = (await cpuSeconds(postmaster)) - before
    for (const table of tables) await sql.unsafe(`drop table copied_${table}`)
    const items = copies.reduce((sum, { rows }) => sum + rows, 0)
    const itemsPerSecond = items / seconds
    return { items, nodeUs: (user + system) / items, postgresUs: (postgresSeconds / items) * 1e6, itemsPerSecond, p50Ms: 0, p99Ms: 0, megabytes: 0 }
  } finally {
    await sql.end()
  }
}

/** In the order of their arrival, as ingest wrote them. */
async function readRows(sql: postgres.Sql, table: string): Promise<string[]> {
  const chunks: Buffer[] = []
  const readable = await sql.unsafe(`copy (select * from ${table} order by received_at) to stdout`).readable()
  await pipeline(readable, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk)
  })
  return Buffer.concat(chunks).toString().trimEnd().split('\n')
}
