import type postgres from 'postgres'
import type { ListPosition } from './findRequests.ts'
import { requestConditions } from './requestConditions.ts'
import type { RequestFilter } from './RequestFilter.ts'
import { soughtIn } from './soughtIn.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/**
 * A query of at most `most` rows of `content_requests`, newest first: those that the filter wants behind a position.
 * What is sought may be in every other request or in none, and no plan is good for both: so the newest are read one by
 * one, which fills the page with what is frequent, and only then what is rarer is found by its index.
 */
export function matchingRequests(
  sql: postgres.Sql,
  filter: RequestFilter,
  most: number,
  after: ListPosition | undefined,
): Fragment {
  const newestFirst = sql`order by r.created_at desc, r.id desc`
  const { sought, rest } = soughtIn(sql, filter)
  const kept = sql`
    ${requestConditions(sql, rest)}
    ${after === undefined ? sql`` : sql`and (r.created_at, r.id) < (timestamp_of_us(${after.createdUs}::bigint), ${after.id}::uuid)`}`
  if (sought === undefined && filter.stage !== undefined) {
    return inStage(sql, filter.stage, kept, most)
  }
  if (sought === undefined) {
    return sql`select r.* from content_requests r where true ${kept} ${newestFirst} limit ${most}::integer`
  }
  const hits = sql`
    select r.*
    from (select r.* from content_requests r where true ${kept} ${sought.within} ${newestFirst} limit ${sought.near}::integer) r
    where ${sought.matches}
    ${newestFirst}
    limit ${most}::integer`
  if (sought.indexed === undefined) return hits
  return sql`
    with hit as materialized (${hits}),
    edge as materialized (
      select r.created_at, r.id from content_requests r
      where true ${kept} ${sought.within} ${newestFirst} offset ${sought.near - 1}::integer limit 1
    )
    select * from hit
    union all
    (
      select r.*
      -- By offset 0 they are found by their index, whatever else is asked: one plan serves all.
      from (${sought.indexed} offset 0) r
      where (select count(*) from hit) < ${most}::integer
        and (r.created_at, r.id) < (select e.created_at, e.id from edge e)
        ${kept}
      ${newestFirst}
      limit ${most}::integer
    )
    order by created_at desc, id desc
    limit ${most}::integer`
}

/**
 * The newest in a stage and the newest that failed in it, each found where they stand in order: among all that have not
 * completed they lie far apart.
 */
function inStage(sql: postgres.Sql, stage: string, kept: Fragment, most: number): Fragment {
  return sql`
    select r.* from (
      (
        select r.*
        from requests_in_flight f
        -- By offset 0 one after another, in order, until there are enough: the planner expects a single one and would read all.
        cross join lateral (select r.* from content_requests r where r.id = f.request_id ${kept} offset 0) r
        where f.stage = ${stage}
        order by f.created_at desc, f.request_id desc
        limit ${most}::integer
      )
      union all
      (
        select r.* from content_requests r
        where r.outcome in ('failed', 'cancelled') ${kept}
        order by r.created_at desc, r.id desc
        limit ${most}::integer
      )
    ) r
    order by r.created_at desc, r.id desc
    limit ${most}::integer`
}
