import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'
import type { Window } from './readTrends.ts'

/** JSON text `{average, peak, queue_average, queue_peak}` of a window; see `request_concurrency`. Reads each request. */
export async function readConcurrency(pool: Pool, { fromUs, toUs, organization }: Window): Promise<string> {
  const row = await readRow<{ concurrency: string }>(
    pool,
    'reading concurrency',
    (sql) => sql`
      select json_build_object('average', round(c.average::numeric, 3), 'peak', c.peak,
        'queue_average', round(c.queue_average::numeric, 3), 'queue_peak', c.queue_peak)::text as concurrency
      from request_concurrency(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint),
        ${organization ?? null}::text) c`,
  )
  return row.concurrency
}
