import type postgres from 'postgres'
import { ailmentsOfStages, currentStageAggregates } from './requestAilments.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/** How much of its usual time a running stage counts at most as done. */
const MOST_OF_A_RUNNING_STAGE = 0.95

/**
 * The stages of `content_requests r`, as `stages_of` tells them, with what they took of late (`stage_paces`, null where
 * too few are known), how long each usually takes and for how long it has run. In seconds.
 */
export function pacedStages(sql: postgres.Sql): Fragment {
  return sql`(
    select o.*, n.p05_seconds, n.p50_seconds, n.p95_seconds,
      coalesce(n.p50_seconds, o.expected_duration_seconds::double precision) as usual_seconds,
      greatest(
        0, date_part('epoch', least(now(), r.completed_at, r.failed_at, r.cancelled_at) - o.started_at)
      ) as spent_seconds
    from stages_of(r.id, r.pipeline_name) o
    left join stage_paces n on n.stage_name = o.stage_name
    -- Not to be flattened: every aggregate would compute these again.
    offset 0
  )`
}

/**
 * Aggregates over `pacedStages s` that {@link outlookFields} takes from `p`. What is left of a stage is between its 5th
 * and 95th percentile; likely its median or, past that, half of what is left to the 95th. A stage that has run for
 * longer, or failed without a next try, may take any time.
 */
export function outlookAggregates(sql: postgres.Sql): Fragment {
  const isLeft = sql`s.is_known and s.status in ('pending', 'in_progress', 'failed')`
  const rest = (whole: Fragment, running: Fragment) => sql`
    sum(case s.status
      when 'pending' then ${whole}
      when 'in_progress' then ${running}
      else ${whole} + greatest(0, date_part('epoch', s.next_attempt_at - now()))
    end) filter (where ${isLeft})`
  return sql`
    sum(case
      when s.status in ('completed', 'skipped') then s.usual_seconds
      when s.status = 'in_progress' then least(s.spent_seconds, ${MOST_OF_A_RUNNING_STAGE}::double precision * s.usual_seconds)
      else 0
    end) filter (where s.is_known) / sum(s.usual_seconds) filter (where s.is_known) as time_progress_ratio,
    bool_and(s.p50_seconds is not null and case s.status
      when 'pending' then true
      when 'in_progress' then s.spent_seconds <= s.p95_seconds
      else s.next_attempt_at is not null
    end) filter (where ${isLeft}) as is_foreseeable,
    ${rest(sql`s.p05_seconds`, sql`greatest(0, s.p05_seconds - s.spent_seconds)`)} as least_seconds,
    ${rest(
      sql`s.p50_seconds`,
      sql`case when s.spent_seconds < s.p50_seconds then s.p50_seconds - s.spent_seconds else (s.p95_seconds - s.spent_seconds) / 2 end`,
    )} as likely_seconds,
    ${rest(sql`s.p95_seconds`, sql`s.p95_seconds - s.spent_seconds`)} as most_seconds,
    ${currentStageAggregates(sql)}`
}

/**
 * Pairs for `json_build_object`: what depends on the passing of time, by the server's clock; from `content_requests r`
 * and {@link outlookAggregates} as `p`. A request that waits to be begun can't end before whole requests usually do.
 */
export function outlookFields(sql: postgres.Sql): Fragment {
  const { late, stalled, retrying } = ailmentsOfStages(sql)
  const end = (seconds: Fragment, whole: Fragment) => sql`
    iso_utc(greatest(
      now() + make_interval(secs => ${seconds}),
      case when r.status = 'pending' then r.created_at + make_interval(secs => w.${whole}) end
    ))`
  return sql`
    'is_late', ${late}, 'is_stalled', ${stalled}, 'is_retrying', ${retrying},
    'time_progress_ratio', case r.outcome when 'completed' then 1 else round(p.time_progress_ratio::numeric, 4) end,
    'expected_end', case when r.outcome is null and p.is_foreseeable then (
      select json_build_object(
        'earliest', ${end(sql`p.least_seconds`, sql`p05_seconds`)},
        'likely', ${end(sql`p.likely_seconds`, sql`p50_seconds`)},
        'latest', ${end(sql`p.most_seconds`, sql`p95_seconds`)}
      )
      from stage_paces w
      where w.stage_name is null
    ) end`
}
