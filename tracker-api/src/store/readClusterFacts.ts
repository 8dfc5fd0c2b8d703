import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** Where the whole cluster stands, by the database: the same whichever replica asks. Times are seconds. */
export type ClusterFacts = {
  /** Upper bounds of the duration buckets; bucket `n` is below bound `n - 1` of this list, the last is without bound. */
  bounds: number[]
  /** What was created or has ended since the database was made. `stage` is '' for requests; bucket 0: no duration known. */
  ended: {
    pipeline: string
    stage: string
    status: string
    bucket: number
    total: number
    sum_seconds: number
    retries: number
    trace_id: string
    exemplar_seconds: number | null
    exemplar_at: number
  }[]
  /** What was created or has ended, by the class of its organization; `status` is `created` or how it ended. */
  classes: { pipeline: string; organization_class: string; status: string; total: number }[]
  /** Requests under way. */
  active: { pipeline: string; status: string; count: number; oldest_seconds: number }[]
  /** Stages that run, or wait for their next attempt. */
  stages: { pipeline: string; stage: string; running: number; retrying: number; oldest_seconds: number }[]
  /** Seconds that stages, and whole requests as `request`, took in the last week. */
  usual: { stage: string; p05: number; p50: number; p95: number }[]
  breakers: { name: string; state: string; calls: number; failures: number; rejected: number }[]
  /** Seconds for which partitions are made. */
  partitions: { table: string; ahead_seconds: number }[]
  dead_letters: number
  database_bytes: number
}

/** Of instances that said something within so long, as in `GET /circuit-breakers`. */
const SILENCE_SECONDS = 30

export async function readClusterFacts(pool: Pool): Promise<ClusterFacts> {
  const row = await readRow<{ facts: ClusterFacts }>(
    pool,
    'reading the cluster’s metrics',
    (sql) => sql`
      with active as materialized (
        select id, pipeline_name, status, extract(epoch from now() - created_at) as age
        from content_requests
        where outcome is null
      ),
      stage as (
        select a.pipeline_name, s.stage_name, s.status, extract(epoch from now() - s.started_at) as age
        from active a
        cross join lateral (
          select s.stage_name, s.status, s.started_at
          from request_stages s
          where s.request_id = a.id and (s.status = 'in_progress' or s.status = 'failed' and s.next_attempt_at is not null)
        ) s
      )
      select json_build_object(
        'bounds', duration_bounds(),
        'ended', (
          select json_agg(json_build_object(
            'pipeline', pipeline_name, 'stage', stage_name, 'status', status, 'bucket', bucket, 'total', total,
            'sum_seconds', sum_seconds, 'retries', retries, 'trace_id', exemplar_trace_id,
            'exemplar_seconds', exemplar_seconds, 'exemplar_at', extract(epoch from exemplar_at)
          )) from ended_counts
        ),
        'classes', (
          select json_agg(json_build_object(
            'pipeline', pipeline_name, 'organization_class', organization_class, 'status', status, 'total', total
          )) from requests_by_class
        ),
        'active', coalesce((
          select json_agg(a) from (
            select pipeline_name as pipeline, status, count(*) as count, greatest(max(age), 0) as oldest_seconds
            from active group by pipeline_name, status
          ) a
        ), '[]'),
        'stages', coalesce((
          select json_agg(s) from (
            select pipeline_name as pipeline, stage_name as stage,
              count(*) filter (where status = 'in_progress') as running,
              count(*) filter (where status = 'failed') as retrying, greatest(max(age), 0) as oldest_seconds
            from stage group by pipeline_name, stage_name
          ) s
        ), '[]'),
        'usual', coalesce((
          select json_agg(json_build_object(
            'stage', coalesce(stage_name, 'request'), 'p05', p05_seconds, 'p50', p50_seconds, 'p95', p95_seconds
          )) from stage_paces
        ), '[]'),
        'breakers', coalesce((
          select json_agg(b) from (
            select name, max(state) as state, sum(calls) as calls, sum(failures) as failures, sum(rejected) as rejected
            from circuit_breakers
            where received_at >= now() - make_interval(secs => ${SILENCE_SECONDS})
            group by name
          ) b
        ), '[]'),
        'partitions', (
          select json_agg(json_build_object('table', table_name, 'ahead_seconds', extract(epoch from partitions_end_at(table_name) - now())))
          from partition_policies
        ),
        'dead_letters', (select coalesce(max(id), 0) from dead_letters),
        'database_bytes', pg_database_size(current_database())
      ) as facts`,
  )
  return row.facts
}
