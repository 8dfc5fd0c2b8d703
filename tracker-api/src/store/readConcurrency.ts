import type { Pool } from './Pool.ts'
import { readRow, readRows } from './read.ts'
import { toMillis } from './readFigures.ts'
import type { Window } from './readFigures.ts'
import { toConcurrency } from './toConcurrency.ts'

const HOUR_US = 3_600_000_000
/** A request that was created longer before the window is not looked at. */
const LOOK_BACK_US = 24 * HOUR_US

type Row = { kind: 'work' | 'queue' | null; hour_us: string | null; changes: Buffer | null; now_us: string; is_whole: boolean }

/**
 * JSON text `{average, peak, queue_average, queue_peak}`: requests at work (started, not ended) and waiting (created, not
 * started) in a window, up to now. From the loads of its hours; where those of one are not made yet, from each request.
 */
export async function readConcurrency(pool: Pool, window: Window): Promise<string> {
  const { fromUs, toUs, organization } = window
  const sinceUs = Math.floor((fromUs - LOOK_BACK_US) / HOUR_US) * HOUR_US
  const rows = await readRows<Row>(
    pool,
    'reading concurrency',
    (sql) => sql`
      select l.kind, epoch_us(l.hour) as hour_us, l.changes, epoch_us(now()) as now_us, (
        select count(*) = count(*) filter (where exists (
          select from request_loads o where coalesce(o.organization_id, '') = coalesce(m.organization_id, '') and o.hour = m.hour
        ))
        from request_metrics m
        where coalesce(m.organization_id, '') = ${organization ?? ''}::text and m.stage_name is null
          and m.hour >= timestamp_of_us(${sinceUs}::bigint) and m.hour < timestamp_of_us(${toUs}::bigint)
      ) as is_whole
      from (values (true)) as always (here)
      left join request_loads l on coalesce(l.organization_id, '') = ${organization ?? ''}::text
        and l.hour >= timestamp_of_us(${sinceUs}::bigint) and l.hour < timestamp_of_us(${toUs}::bigint)`,
  )
  const [first] = rows
  if (first === undefined || !first.is_whole) return readExactly(pool, window)
  const untilUs = Math.min(toUs, Number(first.now_us))
  const of = (kind: Row['kind']): { average: number; peak: number } => {
    if (untilUs <= fromUs) return { average: 0, peak: 0 }
    const loads = rows.flatMap((row) =>
      row.kind === kind && row.changes !== null ? [{ hourUs: Number(row.hour_us), changes: row.changes }] : [],
    )
    return toConcurrency(loads, fromUs, untilUs)
  }
  const work = of('work')
  const queue = of('queue')
  return JSON.stringify({
    average: toMillis(work.average), peak: work.peak, queue_average: toMillis(queue.average), queue_peak: queue.peak,
  })
}

async function readExactly(pool: Pool, { fromUs, toUs, organization }: Window): Promise<string> {
  const row = await readRow<{ concurrency: string }>(
    pool,
    'reading concurrency of each request',
    (sql) => sql`
      select json_build_object('average', round(c.average::numeric, 3), 'peak', c.peak,
        'queue_average', round(c.queue_average::numeric, 3), 'queue_peak', c.queue_peak)::text as concurrency
      from request_concurrency(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint),
        ${organization ?? null}::text) c`,
  )
  return row.concurrency
}
