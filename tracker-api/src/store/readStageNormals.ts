import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** JSON text `{items: [{stage, samples, p50_seconds, p95_seconds}]}` of the seven days before; stage null: whole requests. */
export async function readStageNormals(pool: Pool, atUs: number, organization: string | undefined): Promise<string> {
  const row = await readRow<{ normals: string }>(
    pool,
    'reading what stages normally take',
    (sql) => sql`
      select json_build_object('items', coalesce(json_agg(json_build_object(
        'stage', n.stage_name, 'samples', n.samples, 'p50_seconds', round(n.p50_seconds::numeric, 3),
        'p95_seconds', round(n.p95_seconds::numeric, 3)
      ) order by n.stage_order nulls first, n.stage_name), '[]'))::text as normals
      from stage_normals(timestamp_of_us(${atUs}::bigint), ${organization ?? null}::text) n`,
  )
  return row.normals
}
