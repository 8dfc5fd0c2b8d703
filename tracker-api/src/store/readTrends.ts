import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** Of requests created in [from, to), microseconds since the epoch; without an organization, of all together. */
export type Window = { fromUs: number; toUs: number; organization: string | undefined }

export const TREND_STEPS = ['hour', 'day', 'week', 'month', 'all'] as const
export type TrendStep = (typeof TREND_STEPS)[number]

/**
 * JSON text `{buckets: [{from, stage, …figures}]}`, oldest first; stage null: whole requests. Days, weeks and months
 * are those of the time zone. Percentiles are within 1 % (docs/adr/006); the window counts in whole quarters of an hour.
 * With `stage`, of that one only.
 */
export async function readTrends(
  pool: Pool,
  window: Window,
  step: TrendStep,
  timezone: string,
  stage?: string,
): Promise<string> {
  const { fromUs, toUs, organization } = window
  const row = await readRow<{ trends: string }>(
    pool,
    'reading trends',
    (sql) => sql`
      select json_build_object('buckets', coalesce(json_agg(json_build_object(
        'from', iso_utc(t.bucket), 'stage', t.stage_name, 'order', t.stage_order, 'total', t.total,
        'completed', t.completed, 'failed', t.failed, 'cancelled', t.cancelled, 'skipped', t.skipped,
        'retries', t.retries, 'success_rate', round(t.completed::numeric / nullif(t.completed + t.failed, 0), 4),
        'average_duration_seconds', round(t.average_seconds::numeric, 3),
        'p50_duration_seconds', round(t.p50_seconds::numeric, 3),
        'p95_duration_seconds', round(t.p95_seconds::numeric, 3),
        'p99_duration_seconds', round(t.p99_seconds::numeric, 3)
      )), '[]'))::text as trends
      from request_trends(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint), ${step}, ${timezone},
        ${organization ?? null}::text) t
      ${stage === undefined ? sql`` : sql`where t.stage_name = ${stage}`}`,
  )
  return row.trends
}
