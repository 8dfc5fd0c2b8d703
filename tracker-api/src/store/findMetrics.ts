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
          and m.organization_id is not distinct from ${organization ?? null}::text
      ),
      stage as (
        select hour, json_agg(json_build_object(
          'name', stage_name, 'completed', completed, 'failed', failed, 'retries', retries,
          'average_duration_seconds', average_duration_seconds, 'p95_duration_seconds', p95_duration_seconds
        ) order by stage_order, stage_name) as stages
        from figure
        where stage_name is not null
        group by hour
      )
      select json_build_object('buckets', coalesce(json_agg(json_build_object(
        'hour', iso_utc(f.hour), 'total', f.total, 'completed', f.completed, 'failed', f.failed, 'cancelled', f.cancelled,
        'success_rate', round(f.completed::numeric / nullif(f.completed + f.failed, 0), 4),
        'average_duration_seconds', f.average_duration_seconds, 'p95_duration_seconds', f.p95_duration_seconds,
        'stages', coalesce(s.stages, '[]')
      ) order by f.hour), '[]'))::text as metrics
      from figure f
      left join stage s on s.hour = f.hour
      where f.stage_name is null`,
  )
  return row.metrics
}
