import type postgres from 'postgres'
import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** An instance that said nothing for so long is gone. It tells its counts every few seconds. */
const SILENCE_SECONDS = 30

/**
 * JSON text of the contract's `circuitBreakers`. The state of a breaker is that of its worst living instance, its
 * counts are those of all living ones.
 */
export async function findCircuitBreakers(pool: Pool): Promise<string> {
  const row = await readRow<{ items: string }>(
    pool,
    'reading circuit breakers',
    (sql) => sql`select json_build_object('items', ${circuitBreakersJson(sql)})::text as items`,
  )
  return row.items
}

/**
 * A JSON array of the contract's `circuitBreaker`, by name; of those named in `names`, a SQL expression of type
 * `text[]`, else of all.
 */
export function circuitBreakersJson(
  sql: postgres.Sql,
  names?: postgres.PendingQuery<postgres.Row[]>,
): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    coalesce(
      (
        select json_agg(json_build_object(
          'name', b.name, 'state', b.state, 'calls', b.calls, 'failures', b.failures, 'slow_calls', b.slow_calls, 'rejected', b.rejected,
          'since', iso_utc(b.since), 'retry_at', iso_utc(b.retry_at), 'instances', b.instances
        ) order by b.name)
        from (
          select i.name, w.state, sum(i.calls)::bigint as calls, sum(i.failures)::bigint as failures,
            sum(i.slow_calls)::bigint as slow_calls, sum(i.rejected)::bigint as rejected,
            min(coalesce(i.changed_at, i.first_seen_at)) filter (where i.state = w.state) as since,
            min(i.retry_at) filter (where i.state = w.state and i.state <> 'closed') as retry_at,
            json_agg(json_build_object(
              'service', i.service, 'instance_id', i.instance_id, 'state', i.state,
              'calls', i.calls, 'failures', i.failures, 'slow_calls', i.slow_calls, 'rejected', i.rejected,
              'since', iso_utc(coalesce(i.changed_at, i.first_seen_at)), 'retry_at', iso_utc(i.retry_at),
              'updated_at', iso_utc(i.updated_at)
            ) order by i.service, i.instance_id) as instances
          from (
            select *, max(state) over (partition by name) as worst
            from circuit_breakers
            where received_at >= now() - make_interval(secs => ${SILENCE_SECONDS})
              ${names === undefined ? sql`` : sql`and name = any (${names})`}
          ) i
          cross join lateral (select i.worst as state) w
          group by i.name, w.state
        ) b
      ),
      '[]'
    )`
}
