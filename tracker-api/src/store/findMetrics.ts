import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/**
 * JSON text of the contract's `metrics`: hours that begin in [from, to) and had requests, oldest first. Times are
 * microseconds since the epoch; without an organization, of all together. As fresh as {@link refreshMetrics} keeps them.
 */
export async function findMetrics(
  pool: Pool,
  fromUs: number,
  toUs: number,
  organization: string | undefined,
): Promise<string> {
  const row = await readRow<{ metrics: string }>(
    pool,
    'reading metrics',
    (sql) => sql`
      with figure as materialized (
        select m.hour, m.stage_name, m.stage_order, m.total, m.completed, m.failed, m.cancelled, m.retries,
          round(m.average_duration_seconds, 3) as average_duration_seconds,
          round(m.p95_duration_seconds, 3) as p95_duration_seconds
        from request_metrics m
        where m.hour >= timestamp_of_us(${fromUs}::bigint) and m.hour < timestamp_of_us(${toUs}::bigint)
          and coalesce(m.organization_id, '') = ${organization ?? ''}::text
      ),
      hourly as (
        select f.hour, max(f.total) filter (where f.stage_name is null) as total,
          max(f.completed) filter (where f.stage_name is null) as completed,
          max(f.failed) filter (where f.stage_name is null) as failed,
          max(f.cancelled) filter (where f.stage_name is null) as cancelled,
          max(f.average_duration_seconds) filter (where f.stage_name is null) as average_duration_seconds,
          max(f.p95_duration_seconds) filter (where f.stage_name is null) as p95_duration_seconds,
          json_agg(json_build_object(
            'name', f.stage_name, 'completed', f.completed, 'failed', f.failed, 'retries', f.retries,
            'average_duration_seconds', f.average_duration_seconds, 'p95_duration_seconds', f.p95_duration_seconds
          ) order by f.stage_order, f.stage_name) filter (where f.stage_name is not null) as stages
        from figure f
        group by f.hour
        having bool_or(f.stage_name is null)
      )
      select json_build_object('buckets', coalesce(json_agg(json_build_object(
        'hour', iso_utc(h.hour), 'total', h.total, 'completed', h.completed, 'failed', h.failed, 'cancelled', h.cancelled,
        'success_rate', round(h.completed::numeric / nullif(h.completed + h.failed, 0), 4),
        'average_duration_seconds', h.average_duration_seconds, 'p95_duration_seconds', h.p95_duration_seconds,
        'stages', coalesce(h.stages, '[]')
      ) order by h.hour), '[]'))::text as metrics
      from hourly h`,
  )
  return row.metrics
}
