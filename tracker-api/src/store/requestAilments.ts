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
  const normal = sql`(
    select make_interval(secs => d.expected_duration_seconds::double precision)
    from pipeline_stage_definitions d
    where d.pipeline_name = r.pipeline_name and d.stage_name = r.current_stage
  )`
  const silentSince = sql`now() - greatest(interval '1 minute', 3 * ${normal})`
  return {
    // The first two are cheap, and one of them holds wherever the third does.
    retrying: sql`r.outcome is null and (r.retry_count > 0 or r.error_stage is not null)
      and ${stageIs(sql`(s.status = 'failed' or (s.status = 'in_progress' and s.attempt > 1))`)}`,
    late: sql`r.outcome is null
      and ${stageIs(sql`s.status = 'in_progress' and s.started_at < now() - 2 * ${normal}`)}`,
    stalled: sql`r.outcome is null and r.updated_at < ${silentSince}
      and not ${stageIs(sql`s.status = 'failed' and s.next_attempt_at > now()`)}
      and not heard_since(r.id, ${silentSince})`,
  }
}

/** Aggregates over `pacedStages s` of `content_requests r` that {@link ailmentsOfStages} takes. */
export function currentStageAggregates(sql: postgres.Sql): Fragment {
  const stageIs = (condition: Fragment) => sql`coalesce(bool_or(${condition}) filter (where s.stage_name = r.current_stage), false)`
  return sql`
    ${stageIs(sql`s.status = 'failed' or (s.status = 'in_progress' and s.attempt > 1)`)} as is_tried_again,
    ${stageIs(sql`s.status = 'in_progress' and s.spent_seconds > 2 * s.expected_duration_seconds`)} as takes_long,
    ${stageIs(sql`s.status = 'failed' and s.next_attempt_at > now()`)} as awaits_retry,
    max(s.expected_duration_seconds::double precision) filter (where s.stage_name = r.current_stage) as normal_seconds`
}

/** {@link requestAilments} where a request's stages are read anyway: from {@link currentStageAggregates} as `p`. */
export function ailmentsOfStages(sql: postgres.Sql): ReturnType<typeof requestAilments> {
  const silentSince = sql`now() - make_interval(secs => greatest(60, 3 * p.normal_seconds))`
  return {
    retrying: sql`r.outcome is null and p.is_tried_again`,
    late: sql`r.outcome is null and p.takes_long`,
    // In this order: only of those in doubt are the events read.
    stalled: sql`case when r.outcome is null and r.updated_at < ${silentSince} and not p.awaits_retry then not heard_since(r.id, ${silentSince}) else false end`,
  }
}
