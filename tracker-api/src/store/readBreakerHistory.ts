import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** JSON text `{items: […]}`: changes of state in [from, to) (microseconds), newest first; of one breaker or of all. */
export async function readBreakerHistory(
  pool: Pool,
  { fromUs, toUs }: { fromUs: number; toUs: number },
  name: string | undefined,
  limit: number,
): Promise<string> {
  const row = await readRow<{ history: string }>(
    pool,
    'reading the history of circuit breakers',
    (sql) => sql`
      select json_build_object('items', coalesce(json_agg(json_build_object(
        'name', h.name, 'service', h.service, 'instance_id', h.instance_id, 'state', h.state,
        'previous_state', h.previous_state, 'changed_at', iso_utc(h.changed_at)
      ) order by h.changed_at desc, h.name, h.service, h.instance_id, h.state), '[]'))::text as history
      from (
        select * from circuit_breaker_history
        where changed_at >= timestamp_of_us(${fromUs}::bigint) and changed_at < timestamp_of_us(${toUs}::bigint)
          and name = coalesce(${name ?? null}::text, name)
        order by changed_at desc, name, service, instance_id, state
        limit ${limit}::integer
      ) h`,
  )
  return row.history
}
