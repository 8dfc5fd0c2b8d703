import type postgres from 'postgres'
import { ofOrganization } from './ofOrganization.ts'
import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/**
 * JSON text of the contract's `dashboard`, of one organization or of all. Today begins at midnight in `timezone`, an
 * IANA name that Postgres knows too (see {@link knownTimezone}): everywhere at a full quarter of an hour.
 */
export async function getDashboard(pool: Pool, timezone: string, organization?: string): Promise<string> {
  const row = await readRow<{ dashboard: string }>(
    pool,
    'reading the dashboard',
    (sql) => sql`
      with today as (
        select d.begins at time zone d.zone as begins, (d.begins + interval '1 day') at time zone d.zone as ends
        from (select z.zone, date_trunc('day', now() at time zone z.zone) as begins from (select ${timezone}::text as zone) z) d
      ),
      active as (
        select count(*)::integer as active, (count(*) filter (where status = 'pending'))::integer as pending
        from ${inFlight(sql, organization)}
      ),
      ended as (
        select coalesce(sum(q.completed), 0)::integer as completed, coalesce(sum(q.failed), 0)::integer as failed,
          sum(q.sum_seconds) / nullif(sum(q.completed), 0) as average_duration_seconds
        from today d
        join ended_by_quarter q on q.quarter >= d.begins and q.quarter < d.ends
        where q.organization_id ${organization === undefined ? sql`is null` : sql`= ${organization}`}
      )
      select json_build_object(
        'active', active, 'pending', pending, 'completed_today', completed, 'failed_today', failed,
        'success_rate', round(completed::numeric / nullif(completed + failed, 0), 4),
        'average_duration_seconds', round(average_duration_seconds, 3),
        'timezone', ${timezone}::text,
        'stream_cursor', stream_cursor()
      )::text as dashboard
      from active, ended`,
  )
  return row.dashboard
}

/** Those of one organization stand together in an index; of all there is a table of what is counted. */
function inFlight(sql: postgres.Sql, organization: string | undefined): postgres.PendingQuery<postgres.Row[]> {
  return organization === undefined
    ? sql`requests_in_flight`
    : sql`content_requests where outcome is null ${ofOrganization(sql, organization)}`
}
