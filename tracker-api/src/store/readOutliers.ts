import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'
import type { Window } from './readFigures.ts'
import { findStageNormals } from './readStageNormals.ts'

/** Fewer say nothing of what is normal. */
const LEAST_SAMPLES = 20
/** So many medians are far from normal. */
const MEDIANS = 3

/**
 * JSON text `{items: […]}`, the farthest first: stages over the 95th percentile and three times the median of the seven
 * days before the window.
 */
export async function readOutliers(pool: Pool, window: Window, limit: number): Promise<string> {
  const { fromUs, toUs, organization } = window
  const normals = (await findStageNormals(pool, fromUs, organization)).filter(
    ({ stage, samples }) => stage !== null && samples >= LEAST_SAMPLES,
  )
  if (normals.length === 0) return '{"items":[]}'
  const stages = normals.map(({ stage }) => stage ?? '')
  const bounds = normals.map(({ p50Seconds, p95Seconds }) => Math.max(p95Seconds, MEDIANS * p50Seconds))
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
      from slowest_stages_of(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint), ${organization ?? null}::text,
        ${stages}::text[], ${normals.map((normal) => normal.p50Seconds)}::double precision[],
        ${normals.map((normal) => normal.p95Seconds)}::double precision[], ${bounds}::double precision[], ${limit}::integer) o`,
  )
  return row.outliers
}
