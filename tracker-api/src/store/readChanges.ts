import { breakerChangesJson, changedRequestsJson, toRequestChanges } from './changesJson.ts'
import type { BreakerChange, ChangedRequests, RequestChange } from './changesJson.ts'
import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** A change of more requests than this is not read row by row: readers take a fresh snapshot. */
const MAX_REQUESTS = 2_000
const MAX_LOG_ROWS = 20_000

/** Of which requests to give the digest. */
export type InflightQuery = { key: string; organization: string | null; statuses: string[] | null }

export type Look = {
  epoch: string
  /** What this look saw: the `since` of the next one. */
  snapshot: string
  /** Every change that this look did not see has at least this xid. */
  xmin: string
  /** The database's clock. */
  now: string
  /** Undefined: too many, or some are no longer in the log. */
  requests: RequestChange[] | undefined
  breakers: BreakerChange[]
  /** By the query's key: of the requests that have not ended; the digest is the contract's `inflight_digest`. */
  inflight: Record<string, { count: number; digest: string }>
}

type Row = Omit<Look, 'requests'> & { requests: ChangedRequests | null; is_whole: boolean }

/**
 * Everything that was committed since an earlier look and before this one, each change once, whatever the order of
 * commits: the transactions that the earlier snapshot did not see are those that it knew to be running and those
 * from its xmax on. So a transaction that stays open for long delays nothing and makes nothing be read again.
 * Without `since`: no changes, only where the feed stands.
 */
export async function readChanges(
  pool: Pool,
  since: string | undefined,
  options: { inflight: InflightQuery[]; allBreakers: boolean },
): Promise<Look> {
  const { requests, is_whole: isWhole, ...look } = await readRow<Row>(
    pool,
    'reading the change log',
    (sql) => sql`
      with fresh as materialized (
        (
          select request_id, circuit_breaker, organization_id, version
          from change_log
          -- Selected, so that a plan is as good for every snapshot and need not be made again for each; sorted and
          -- limited, for else the planner, who can't guess how many, reads the whole log.
          where xid >= (select pg_snapshot_xmax(${since ?? null}::pg_snapshot))
            -- Ahead of this are only those that were restored from another history.
            and xid < (select pg_snapshot_xmax(pg_current_snapshot()))
          order by xid
          limit ${MAX_LOG_ROWS + 1}::integer
        )
        union all
        select l.request_id, l.circuit_breaker, l.organization_id, l.version
        from pg_snapshot_xip(${since ?? null}::pg_snapshot) as x (xid)
        cross join lateral (select * from change_log where xid = x.xid order by xid offset 0) l
      ),
      changed as materialized (
        select request_id, max(version) as version, array_agg(distinct organization_id) as organizations
        from fresh where request_id is not null group by request_id
      )
      select
        e.epoch,
        s.is_whole,
        pg_current_snapshot()::text as snapshot,
        pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
        iso_utc(clock_timestamp()) as now,
        case when s.is_whole then ${changedRequestsJson(sql)} end as requests,
        ${breakerChangesJson(
          sql,
          options.allBreakers ? undefined : sql`array(select circuit_breaker from fresh where circuit_breaker is not null)`,
        )} as breakers,
        (
          select coalesce(json_object_agg(q.key, json_build_object('count', i.count, 'digest', i.digest)), '{}')
          from json_to_recordset(${JSON.stringify(options.inflight)}::text::json)
            as q (key text, organization text, statuses text[])
          cross join lateral (
            select count(*) as count,
              digest_of(sum(digest_share(r.id, r.version))) as digest
            from content_requests r
            where r.outcome is null
              and (q.organization is null or r.organization_id = q.organization)
              and (q.statuses is null or r.status::text = any (q.statuses))
          ) i
        ) as inflight
      from change_feed_epoch e
      cross join lateral (
        select (select count(*) from changed) <= ${MAX_REQUESTS}::integer
          and (select count(*) from fresh) <= ${MAX_LOG_ROWS}::integer
          -- Trimmed away before this reader, stalled for very long, could see it.
          and not coalesce(
            e.trimmed_xid >= (select pg_snapshot_xmin(${since ?? null}::pg_snapshot))
              and e.trimmed_xid < pg_snapshot_xmin(pg_current_snapshot()),
            false
          ) as is_whole
        offset 0
      ) s`,
  )
  return { ...look, requests: isWhole ? toRequestChanges(requests) : undefined }
}
