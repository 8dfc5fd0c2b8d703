import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { sqlState } from './postgresError.ts'
import { retirePartition } from './retirePartition.ts'
import type { ExpiredPartition } from './retirePartition.ts'

/** A lock that is not to be had so soon is left to the next run: whoever queues behind us would wait with us. */
const LOCK_TIMEOUT_MS = 200
const STATEMENT_TIMEOUT_MS = 60_000
const DEADLINE_MS = 600_000
const ROWS_A_DELETE = 5_000
/** lock_not_available, deadlock, and a partition that is still being detached: the next run goes on from there. */
const POSTPONED = new Set(['55P03', '40P01', '57014', '55006', '55000'])

export type Retained = {
  /** Partitions that were dropped, and those another user held too long: they are tried again. */
  dropped: string[]
  postponed: string[]
  /** Rows deleted, by table. */
  deleted: Record<string, number>
}

/**
 * Makes the partitions of the time ahead and lets go of what the policies no longer keep (`partition_policies`,
 * `row_policies`), and of the names of students who have no request any more. Nothing waits for it longer than its lock timeout of 200 ms. May be cut off anywhere and run again.
 * One replica at a time: undefined when another is at it. `nowMs` is the clock; `timezone` only proves that none matters.
 */
export async function retain(
  databaseUrl: string,
  nowMs: number,
  options: { signal?: AbortSignal; timezone?: string } = {},
): Promise<Retained | undefined> {
  // One connection of its own: the lock belongs to its session, and DETACH … CONCURRENTLY stands outside transactions.
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 2,
    onnotice: () => {},
    connection: {
      application_name: 'vividly-retention',
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      TimeZone: options.timezone ?? 'UTC',
    },
  })
  const ended = new AbortController()
  const limit = sleep(DEADLINE_MS, undefined, { signal: ended.signal, ref: false }).then(() => {
    throw new Error(`Retention did not end within ${DEADLINE_MS} ms; the next run goes on`)
  })
  limit.catch(() => {})
  try {
    return await Promise.race([retainWith(sql, new Date(nowMs), options.signal), limit])
  } finally {
    ended.abort()
    await Promise.race([sql.end({ timeout: 1 }).catch(() => {}), sleep(1_500)])
  }
}

async function retainWith(sql: postgres.Sql, now: Date, signal?: AbortSignal): Promise<Retained | undefined> {
  const [lock] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(hashtext('vividly retention')) as locked`
  if (lock?.locked !== true) return undefined
  await sql`select ensure_partitions(${now}::timestamptz)`
  const dropped: string[] = []
  const postponed: string[] = []
  for (const expired of await sql<ExpiredPartition[]>`select * from expired_partitions(${now}::timestamptz)`) {
    if (signal?.aborted) break
    try {
      await retirePartition(sql, expired)
      dropped.push(expired.partition)
    } catch (error) {
      if (!POSTPONED.has(sqlState(error))) throw new Error(`Dropping partition ${expired.partition} failed`, { cause: error })
      postponed.push(expired.partition)
    }
  }
  if (dropped.length > 0) await sql`select leave_flight_with_partitions()`
  return { dropped, postponed, deleted: await deleteExpired(sql, now, signal) }
}

async function deleteExpired(sql: postgres.Sql, now: Date, signal?: AbortSignal): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {}
  async function deleteAll(name: string, deleteSome: () => Promise<{ gone: number }[]>): Promise<void> {
    for (let gone = ROWS_A_DELETE; gone === ROWS_A_DELETE && !signal?.aborted; ) {
      const [row] = await deleteSome()
      gone = row?.gone ?? 0
      if (gone > 0) deleted[name] = (deleted[name] ?? 0) + gone
    }
  }
  for (const { name, partitioned } of await sql<{ name: string; partitioned: boolean }[]>`
    select table_name as name, true as partitioned from partition_policies
    union all
    select table_name, false from row_policies`) {
    await deleteAll(name, () =>
      partitioned
        ? sql`select delete_expired_foreign(${name}, ${now}, ${ROWS_A_DELETE}::integer) as gone`
        : sql`select delete_expired_rows(${name}, ${now}, ${ROWS_A_DELETE}::integer) as gone`,
    )
  }
  // Last, when their requests are gone.
  await deleteAll('students', () => sql`select delete_expired_students(${now}, ${ROWS_A_DELETE}::integer) as gone`)
  return deleted
}
