import { join } from 'node:path'
import { requestIdOf } from '@vividly/instrumentation/identity'
import { API_BASE } from '@vividly/tracker-api/contract'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import postgres from 'postgres'
import type { Peer } from './Peer.ts'

/** The tracker with a Postgres of its own, as a user runs both. */
export async function startOurs(dir: string): Promise<Peer> {
  const server = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
  const tracker = await startTrackerProcess(server.databaseUrl).catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  const emptyBytes = await databaseBytes(server.databaseUrl)
  return {
    ingestUrl: `${tracker.url}/v1/traces`,
    accepts: 'protobuf',
    pids: () => [tracker.pid(), server.pid() ?? NaN],
    traceUrl: ({ traceId }) => `${tracker.url}${API_BASE}/requests/${requestIdOf(traceId)}/spans`,
    searchUrl: (student) => `${tracker.url}${API_BASE}/requests?student=${student}&limit=20`,
    countSpans: (answer) => (answer as { items: unknown[] }).items.length,
    bytesOnDisk: async () => (await databaseBytes(server.databaseUrl)) - emptyBytes,
    stop: async () => {
      await tracker.stop()
      await server.stop()
    },
  }
}

/** All tables and indexes, those of the requests' and stages' state included; not the write-ahead log, which is used again and again. */
async function databaseBytes(databaseUrl: string): Promise<number> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  await sql`checkpoint`
  const [row] = await sql<{ bytes: string }[]>`select pg_database_size(current_database()) as bytes`
  await sql.end()
  return Number(row?.bytes)
}
