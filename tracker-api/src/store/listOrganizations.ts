import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/**
 * JSON text of the contract's `organizations`, by name: all that any request kept belongs to. Each costs a look into an
 * index, however many requests it has.
 * @param organization only whether this one has requests; undefined is all
 */
export async function listOrganizations(pool: Pool, organization: string | undefined, limit: number): Promise<string> {
  const row = await readRow<{ organizations: string }>(
    pool,
    'listing organizations',
    (sql) => sql`
      with recursive named as (
        (
          select r.organization_id from content_requests r
          where r.organization_id >= ${organization ?? ''}
          order by r.organization_id limit 1
        )
        union all
        select (
          select r.organization_id from content_requests r
          where r.organization_id > n.organization_id
          order by r.organization_id limit 1
        )
        from named n
        where n.organization_id is not null
      )
      select json_build_object('items', coalesce(json_agg(json_build_object('organization_id', n.organization_id)), '[]'))::text
        as organizations
      from (
        select organization_id from named
        where organization_id = coalesce(${organization ?? null}::text, organization_id)
        limit ${limit}::integer
      ) n`,
  )
  return row.organizations
}
