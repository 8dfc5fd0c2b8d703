import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import postgres from 'postgres'
import { quantile } from '../measure/quantile.ts'
import type { Call } from './tellLifeCycles.ts'

/** How often Postgres is asked: so much later than it was there a record may seem to be. */
const LOOK_EVERY_MS = 5

/** Milliseconds from a call to when its record can be read from Postgres by anybody. */
export type Storing = { p50: number; p99: number; records: number; missing: number }

/** @param tell runs a process that tells life-cycle records to that address. */
export async function measureStoring(tell: (endpoint: string) => Promise<Call[]>): Promise<Storing> {
  const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
  await chmod(dir, 0o755)
  const database = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
  try {
    const tracker = await startTrackerProcess(database.databaseUrl)
    const sql = postgres(database.databaseUrl, { max: 1 })
    try {
      return await whileLooking(sql, () => tell(tracker.url))
    } finally {
      await sql.end()
      await tracker.stop()
    }
  } finally {
    await database.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

const keyOf = (call: Omit<Call, 'atMs'>): string => `${call.id} ${call.stage} ${call.event}`

async function whileLooking(sql: postgres.Sql, tell: () => Promise<Call[]>): Promise<Storing> {
  const seenAtMs = new Map<string, number>()
  let isTold = false
  async function look(): Promise<void> {
    const rows = await sql<Omit<Call, 'atMs'>[]>`
      select r.correlation_id as id, e.stage_name as stage, e.event_type as event
      from request_events e join content_requests r on r.id = e.request_id
      where e.event_type in ('stage_started', 'stage_completed') and e.received_at > now() - interval '3 seconds'`
    const nowMs = Date.now()
    for (const key of rows.map(keyOf)) if (!seenAtMs.has(key)) seenAtMs.set(key, nowMs)
  }
  async function keepLooking(): Promise<void> {
    while (!isTold) {
      await look()
      await sleep(LOOK_EVERY_MS)
    }
    await look()
  }
  const looking = keepLooking()
  const calls = await tell()
  isTold = true
  await looking
  const tookMs = calls.map((call) => (seenAtMs.get(keyOf(call)) ?? Infinity) - call.atMs)
  const missing = tookMs.filter((ms) => ms === Infinity).length
  return { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99), records: calls.length, missing }
}
