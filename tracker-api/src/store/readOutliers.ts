import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'
import type { Window } from './readTrends.ts'

/** JSON text `{items: […]}`: stages far slower than their own normal (`stage_outliers`), the farthest first. */
export async function readOutliers(pool: Pool, { fromUs, toUs, organization }: Window, limit: number): Promise<string> {
  const row = await readRow<{ outliers: string }>(
    pool,
    'reading outliers',
    (sql) => sql`
      select json_build_object('items', coalesce(json_agg(json_build_object(
        'request_id', o.request_id, 'correlation_id', correlation_id_of(o.request_id), 'stage', o.stage_name,
        'status', o.status, 'duration_seconds', round(o.duration_seconds::numeric, 3),
        'normal_p50_seconds', round(o.p50_seconds::numeric, 3), 'normal_p95_seconds', round(o.p95_seconds::numeric, 3),
        'ratio', round(o.ratio::numeric, 2)
      ) order by o.ratio desc, o.request_id, o.stage_name), '[]'))::text as outliers
      from (
        select * from stage_outliers(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint),
          ${organization ?? null}::text)
        order by ratio desc, request_id, stage_name
        limit ${limit}::integer
      ) o`,
  )
  return row.outliers
}
