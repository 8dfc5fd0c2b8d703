import type postgres from 'postgres'
import type { CircuitBreaker, RequestRow } from '../contract.ts'
import { circuitBreakersJson } from './findCircuitBreakers.ts'
import { readingContext, toReadingContext } from './readingContext.ts'
import { requestColumns, stageStates } from './requestColumns.ts'
import { toRequestRow } from './toRequestRow.ts'
import type { RowColumns } from './toRequestRow.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/** A request as it is now. */
export type RequestChange = {
  id: string
  version: number
  /** Null: deleted. */
  row: RequestRow | null
  /** Those it belonged to when it changed: one that is not the row's has lost it. Null among them: none. */
  organizations: (string | null)[]
}
/**
 * A breaker as it is now. It changes with the silence of an instance too, so its version is the time of reading:
 * milliseconds of the database's clock.
 */
export type BreakerChange = { version: number; row: CircuitBreaker }

export type ChangedRequests = {
  changed: (Omit<RequestChange, 'row'> & { columns: RowColumns | null })[]
  context: string
}

/** JSON of {@link ChangedRequests}: those in `changed (request_id, version, organizations)`; null for none. */
export function changedRequestsJson(sql: postgres.Sql): Fragment {
  return sql`(
    select json_build_object('context', ${readingContext(sql, sql`true`)}, 'changed', json_agg(json_build_object(
      'id', c.request_id, 'version', greatest(c.version, r.version), 'organizations', c.organizations,
      'columns', case when r.id is not null then (
        select to_json(k) from (select ${requestColumns(sql)}, ${stageStates(sql)} as stages) k
      ) end
    )))
    from changed c
    -- Lateral and not to be flattened: few are looked up, but the planner, who can't know, would read all.
    left join lateral (select * from content_requests where id = c.request_id offset 0) r on true
    having count(*) > 0
  )`
}

export function toRequestChanges(requests: ChangedRequests | null): RequestChange[] {
  if (requests === null) return []
  const context = toReadingContext(requests.context)
  return requests.changed.map(({ columns, ...change }) => ({
    ...change,
    row: columns === null ? null : toRequestRow(columns, context),
  }))
}

/** JSON array of {@link BreakerChange}; of those named in `names`, a SQL expression of type `text[]`, else of all. */
export function breakerChangesJson(sql: postgres.Sql, names?: Fragment): Fragment {
  return sql`
    coalesce(
      (
        select json_agg(json_build_object(
          'version', (extract(epoch from clock_timestamp()) * 1000)::bigint, 'row', b
        ))
        from json_array_elements(${circuitBreakersJson(sql, names)}) b
      ),
      '[]'
    )`
}
