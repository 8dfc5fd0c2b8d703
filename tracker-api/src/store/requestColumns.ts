import type postgres from 'postgres'
import type { RequestStatus, StageStatus } from '../contract.ts'
import { silentSince } from './requestAilments.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/** What is read of `content_requests r` to show it; times as Postgres writes them in UTC, JSON as text. */
export type RequestColumns = {
  id: string
  correlation_id: string
  trace_id: string
  pipeline_name: string
  organization_id: string | null
  student_id: string | null
  student_name: string | null
  topic: string | null
  learning_objective: string | null
  status: RequestStatus
  current_stage: string | null
  progress_percentage: number
  created_at: string
  started_at: string | null
  completed_at: string | null
  failed_at: string | null
  cancelled_at: string | null
  video_url: string | null
  script_text: string | null
  thumbnail_url: string | null
  error_message: string | null
  error_stage: string | null
  error_details: string | null
  retry_count: number
  total_duration_seconds: number | null
  outcome: RequestStatus | null
  version: number
  /** Of what has not ended and did not change for long: whether anything was told of it since. */
  was_heard: boolean | null
}

/** {@link RequestColumns} of `content_requests r`. Values, not JSON: making JSON of a page took Postgres ten times as long. */
export const requestColumns = (sql: postgres.Sql, wasHeard = heardOfOne(sql)): Fragment => sql`
  r.id, r.correlation_id, r.trace_id, r.pipeline_name, r.organization_id, r.student_id, (
    -- A lookup for each row shown; a join may read all students.
    select t.full_name from students t
    where t.organization_id = coalesce(r.organization_id, '') and t.student_id = r.student_id
  ) as student_name,
  r.topic, r.learning_objective, r.status, r.current_stage, r.progress_percentage,
  r.created_at::text, r.started_at::text, r.completed_at::text, r.failed_at::text, r.cancelled_at::text,
  r.video_url, r.script_text, r.thumbnail_url, r.error_message, r.error_stage, r.error_details::text as error_details,
  r.retry_count, round(r.total_duration_seconds, 3)::double precision as total_duration_seconds, r.outcome,
  r.version::double precision as version,
  case when ${mayBeSilent(sql)} then ${wasHeard} end as was_heard`

/** Whether only its events can tell if `content_requests r` is silent. */
const mayBeSilent = (sql: postgres.Sql): Fragment =>
  sql`r.outcome is null and r.updated_at < now() - interval '1 minute' and r.updated_at < ${silentSince(sql)}`

const heardOfOne = (sql: postgres.Sql): Fragment => sql`heard_since(r.id, ${silentSince(sql)})`

/** Of the rows of `page r`: the IDs of the silent ones, as one array; null for none. */
export const unheardOfPage = (sql: postgres.Sql): Fragment => sql`
  select unheard_since(array_agg(r.id), array_agg(${silentSince(sql)})) from page r where ${mayBeSilent(sql)}`

/** Where {@link unheardOfPage} is `unheard (ids)`: a plan opened once for all, where each of fifty cost 16 µs. */
export const heardOfPage = (sql: postgres.Sql): Fragment =>
  sql`not (r.id = any (coalesce((select u.ids from unheard u), '{}'::uuid[])))`

/** A stage that a service told of. */
export type StageState = {
  name: string
  status: StageStatus
  order: number
  attempt: number
  startedMs: number | undefined
  nextAttemptMs: number | undefined
}
/** As {@link stageStates} gives it, parsed. */
export type StageTuple = [string, StageStatus, number, number, string | null, string | null]

/** JSON text: an array of {@link StageTuple} of `content_requests r`; null for none. */
export const stageStates = (sql: postgres.Sql): Fragment => sql`(
  select json_agg(json_build_array(s.stage_name, s.status, s.stage_order, s.attempt, s.started_at, s.next_attempt_at))
  from request_stages s where s.request_id = r.id
)::text`

export const toStageState = ([name, status, order, attempt, startedAt, nextAttemptAt]: StageTuple): StageState => ({
  name,
  status,
  order,
  attempt,
  startedMs: startedAt === null ? undefined : Date.parse(startedAt),
  nextAttemptMs: nextAttemptAt === null ? undefined : Date.parse(nextAttemptAt),
})
