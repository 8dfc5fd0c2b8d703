import { setTimeout as sleep } from 'node:timers/promises'
import { countEnded } from './countEnded.ts'
import { Pool } from './Pool.ts'
import { readRow } from './read.ts'
import { retain } from './retain.ts'

/** How far counts for Prometheus may lag. */
const COUNT_MS = 2_000
const METRICS_MS = 2_000
/**
 * Making figures may take this share of one connection's time, so that big hours are made less often: an hour of 13,000
 * requests takes 0.2 s and is made every 5 s, one of 200,000 every minute or two. At 0.2 it was a sixth of what 10,000 requests in
 * flight cost Postgres.
 */
const METRICS_SHARE = 0.04
const PACES_MS = 60_000
/** Windows are read from quarters until these are merged: that is only slower. */
const PERIODS_MS = 20_000
const PERIODS_AT_ONCE = 24
const HOUR_MS = 3_600_000
const TRIM_MS = 300_000
/** What comes late of an erased student stays for no longer. */
const ERASE_MS = 10_000
const RETENTION_DELAY_MS = 60_000
const TRIM_ROWS = 10_000

export type Maintenance = { stop: () => Promise<void> }

/**
 * The tracker's standing work, beside serving: hourly figures within seconds of a change, partitions made ahead, the
 * change log kept short. Replicas may all do it; the database lets one at a time. What fails is told and tried again.
 */
export function startMaintenance(databaseUrl: string, onError: (error: unknown) => void): Maintenance {
  // Of its own: the figures of a big hour take longer than a reader may wait.
  const pool = new Pool(databaseUrl, {
    name: 'vividly-maintenance',
    maxConnections: 2,
    statementTimeoutMs: 60_000,
    deadlineMs: 61_000,
  })
  const stopping = new AbortController()
  const { signal } = stopping

  async function repeat(work: () => Promise<void>, restMs: (tookMs: number) => number): Promise<void> {
    while (!signal.aborted) {
      const startedMs = performance.now()
      await work().catch((error: unknown) => {
        if (!signal.aborted) onError(error)
      })
      await sleep(restMs(performance.now() - startedMs), undefined, { signal }).catch(() => {})
    }
  }

  void repeat(
    () => refreshMetrics(pool),
    (tookMs) => Math.max(METRICS_MS, tookMs * (1 / METRICS_SHARE - 1)),
  )
  let merged = 0
  void repeat(
    async () => {
      merged = 0
      merged = await mergePeriods(pool, PERIODS_AT_ONCE)
    },
    (tookMs) => (merged < PERIODS_AT_ONCE ? PERIODS_MS : tookMs * (1 / METRICS_SHARE - 1)),
  )
  void repeat(
    () => refreshStagePaces(pool),
    () => PACES_MS,
  )
  void repeat(
    () => countEnded(pool),
    () => COUNT_MS,
  )
  void repeat(
    () => ensurePartitions(pool),
    () => HOUR_MS,
  )
  void repeat(
    () => letGo(databaseUrl, signal),
    () => HOUR_MS,
  )
  void repeat(
    () => eraseLate(pool),
    () => ERASE_MS,
  )
  void repeat(
    () => trimChangeLog(pool, signal),
    () => TRIM_MS,
  )
  return {
    stop: async () => {
      stopping.abort()
      await pool.close()
    },
  }
}

/** Makes the figures of the hours that changed; see `refresh_request_metrics`. */
export async function refreshMetrics(pool: Pool): Promise<void> {
  await readRow(pool, 'refreshing hourly metrics', (sql) => sql`select refresh_request_metrics() as hours`)
}

/** See `make_request_periods`. */
async function mergePeriods(pool: Pool, atOnce: number): Promise<number> {
  const { made } = await readRow<{ made: number }>(
    pool,
    'merging quarters into hours and days',
    (sql) => sql`select make_request_periods(${atOnce}::integer) as made`,
  )
  return made
}

/** See `stage_paces`. */
async function refreshStagePaces(pool: Pool): Promise<void> {
  await readRow(pool, 'refreshing what stages take', (sql) => sql`select refresh_stage_paces() as refreshed`)
}

/** First a while after the start, so that short-lived trackers and a starting one are left in peace. */
async function letGo(databaseUrl: string, signal: AbortSignal): Promise<void> {
  await sleep(RETENTION_DELAY_MS, undefined, { signal, ref: false })
  await retain(databaseUrl, Date.now(), { signal })
}

async function ensurePartitions(pool: Pool): Promise<void> {
  await readRow(pool, 'making partitions ahead', (sql) => sql`select ensure_partitions() as ensured`)
}

/** See `erase_late`. */
export async function eraseLate(pool: Pool): Promise<void> {
  await readRow(pool, 'erasing what came late of students', (sql) => sql`select erase_late() as found`)
}

async function trimChangeLog(pool: Pool, signal: AbortSignal): Promise<void> {
  for (let trimmed = TRIM_ROWS; trimmed === TRIM_ROWS && !signal.aborted; ) {
    const row = await readRow<{ trimmed: number }>(
      pool,
      'trimming the change log',
      (sql) => sql`select trim_change_log(max_rows => ${TRIM_ROWS}::integer) as trimmed`,
    )
    trimmed = row.trimmed
  }
}
