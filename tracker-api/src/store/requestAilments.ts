import type postgres from 'postgres'
import type { RequestFilter } from './RequestFilter.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/**
 * See REQUEST_CONDITIONS: what may ail `content_requests r`, judged by the server's clock, never null and false where
 * it has ended. The stage is the current one; a stage that no definition knows is neither late nor on time.
 */
export function requestAilments(sql: postgres.Sql): Record<NonNullable<RequestFilter['condition']>, Fragment> {
  // By the key for each request in flight, never a join: that may read the stages of all that ever ended.
  const stageIs = (condition: Fragment) => sql`exists (
    select from request_stages s where s.request_id = r.id and s.stage_name = r.current_stage and ${condition} offset 0
  )`
  return {
    // The first two are cheap, and one of them holds wherever the third does.
    retrying: sql`r.outcome is null and (r.retry_count > 0 or r.error_stage is not null)
      and ${stageIs(sql`(s.status = 'failed' or (s.status = 'in_progress' and s.attempt > 1))`)}`,
    late: sql`r.outcome is null
      and ${stageIs(sql`s.status = 'in_progress' and s.started_at < now() - 2 * ${normalTime(sql)}`)}`,
    stalled: sql`r.outcome is null and r.updated_at < ${silentSince(sql)}
      and not ${stageIs(sql`s.status = 'failed' and s.next_attempt_at > now()`)}
      and not heard_since(r.id, ${silentSince(sql)})`,
  }
}

/** What the current stage of `content_requests r` normally takes; null where no definition knows it. */
const normalTime = (sql: postgres.Sql): Fragment => sql`(
  select make_interval(secs => d.expected_duration_seconds::double precision)
  from pipeline_stage_definitions d
  where d.pipeline_name = r.pipeline_name and d.stage_name = r.current_stage
)`

/** Nothing heard since then: `content_requests r` is stalled, if it is not waiting for a retry. */
export const silentSince = (sql: postgres.Sql): Fragment => sql`now() - greatest(interval '1 minute', 3 * ${normalTime(sql)})`
