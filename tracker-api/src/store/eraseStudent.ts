import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** Requests of one transaction. */
const BATCH = 200
/** Past it the standing work goes on with what is left. */
const BUDGET_MS = 45_000

export type Student = {
  /** Null: one that is named without an organization. */
  organization: string | null
  studentId: string
}

/** Times are ISO 8601. */
export type Erasure = {
  id: string
  organization_id: string | null
  /** Null once nothing late can come any more. */
  student_id: string | null
  requested_by: string
  requested_at: string
  /** Requests and dead letters that left, late data included. */
  requests: number
  dead_letters: number
  last_found_at: string | null
}

/**
 * Deletes all that is kept of a student up to now: requests with stages, events and spans, the name, dead letters. From
 * the first transaction on, what is told of those requests is refused; listeners hear that they are gone. The request
 * for it is committed first: should this process die or run out of time (`isComplete` false), any tracker's standing work
 * goes on with it within a minute, as it does with what comes late.
 */
export async function eraseStudent(
  pool: Pool,
  { organization, studentId }: Student,
  requestedBy: string,
): Promise<{ erasure: Erasure; isComplete: boolean }> {
  const { id } = await readRow<{ id: string }>(
    pool,
    'noting an erasure',
    (sql) => sql`
      insert into erasures (organization_id, student_id, student_digest, requested_by)
      values (${organization}, ${studentId}, student_digest(${organization}, ${studentId}), ${requestedBy})
      returning id`,
  )
  const startedMs = performance.now()
  let found = BATCH
  while (found === BATCH && performance.now() - startedMs < BUDGET_MS) {
    found = await eraseBatch(pool, id)
    await sleep(0)
  }
  const { erasure } = await readRow<{ erasure: Erasure }>(
    pool,
    'reading an erasure',
    (sql) => sql`select ${erasureJson(sql)} as erasure from erasures where id = ${id}`,
  )
  return { erasure, isComplete: found < BATCH }
}

async function eraseBatch(pool: Pool, id: string): Promise<number> {
  const row = await readRow<{ found: number }>(
    pool,
    'erasing what is known of a student',
    (sql) => sql`select erase_batch(${id}, ${BATCH}::integer) as found`,
  )
  return row.found
}

/** The newest first. `organization` undefined is all. */
export async function listErasures(pool: Pool, organization: string | undefined, limit: number): Promise<Erasure[]> {
  const { erasures } = await readRow<{ erasures: Erasure[] }>(
    pool,
    'listing erasures',
    (sql) => sql`
      select coalesce(json_agg(${erasureJson(sql)} order by requested_at desc, id), '[]') as erasures
      from (
        select * from erasures
        where ${organization ?? null}::text is null or organization_id = ${organization ?? null}
        order by requested_at desc, id
        limit ${limit}::integer
      ) newest`,
  )
  return erasures
}

type Sql = Parameters<Parameters<Pool['run']>[1]>[0]

const erasureJson = (sql: Sql) => sql`json_build_object(
  'id', id, 'organization_id', organization_id, 'student_id', student_id, 'requested_by', requested_by,
  'requested_at', iso_utc(requested_at), 'requests', requests, 'dead_letters', dead_letters,
  'last_found_at', iso_utc(last_found_at)
)`
