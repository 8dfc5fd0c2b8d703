import { breakerChangesJson, changedRequestsJson, toRequestChanges } from './changesJson.ts'
import type { BreakerChange, ChangedRequests, RequestChange } from './changesJson.ts'
import type { Pool } from './Pool.ts'
import { read } from './read.ts'

/** Beyond these a fresh snapshot is cheaper. */
const MAX_REQUESTS = 1_000
const MAX_LOG_ROWS = 50_000

export type MissedChanges =
  | { requests: RequestChange[]; breakers: BreakerChange[] }
  /** Why the changes since then can't be told. */
  | { reason: 'epoch' | 'too_old' | 'overflow' }

type Row = {
  is_of_this_epoch: boolean
  is_kept: boolean
  is_few: boolean
  requests: ChangedRequests | null
  breakers: BreakerChange[]
}

/** What changed since a cursor was given, each request once and as it is now. `xmin` is a whole number below 2^64. */
export async function readMissedChanges(pool: Pool, epoch: string, xmin: string): Promise<MissedChanges> {
  const row = await read<Row>(
    pool,
    'reading missed changes',
    (sql) => sql`
      with fresh as materialized (
        select request_id, circuit_breaker, organization_id, version
        from change_log
        where xid >= ${xmin}::xid8 and xid < (select pg_snapshot_xmax(pg_current_snapshot()))
        order by xid
        limit ${MAX_LOG_ROWS + 1}::integer
      ),
      changed as materialized (
        select request_id, max(version) as version, array_agg(distinct organization_id) as organizations
        from fresh where request_id is not null group by request_id
      )
      select
        e.epoch = ${epoch} and ${xmin}::xid8 <= pg_snapshot_xmin(pg_current_snapshot()) as is_of_this_epoch,
        -- What was trimmed in another history lies ahead of this one.
        ${xmin}::xid8 > e.trimmed_xid or e.trimmed_xid >= pg_snapshot_xmax(pg_current_snapshot()) as is_kept,
        s.is_few,
        case when s.is_few then ${changedRequestsJson(sql)} end as requests,
        ${breakerChangesJson(sql)} as breakers
      from change_feed_epoch e
      cross join lateral (
        select (select count(*) from changed) <= ${MAX_REQUESTS}::integer
          and (select count(*) from fresh) <= ${MAX_LOG_ROWS}::integer as is_few
        offset 0
      ) s`,
  )
  if (row === undefined || !row.is_of_this_epoch) return { reason: 'epoch' }
  if (!row.is_kept) return { reason: 'too_old' }
  if (!row.is_few) return { reason: 'overflow' }
  return { requests: toRequestChanges(row.requests), breakers: row.breakers }
}
