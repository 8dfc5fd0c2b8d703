import { ofOrganization } from './ofOrganization.ts'
import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** JSON text of the contract's `deployments`: versions first heard of in [from, to) (microseconds), newest first. */
export async function readDeployments(
  pool: Pool,
  { fromUs, toUs }: { fromUs: number; toUs: number },
  organization: string | undefined,
  limit: number,
): Promise<string> {
  const row = await readRow<{ deployments: string }>(
    pool,
    'reading deployments',
    (sql) => sql`
      select json_build_object('items', coalesce(json_agg(json_build_object(
        'organization_id', d.organization_id, 'service', d.service, 'version', d.version,
        'first_seen_at', iso_utc(d.first_seen_at), 'last_seen_at', iso_utc(d.last_seen_at)
      ) order by d.first_seen_at desc, d.service, d.version, d.organization_id nulls first), '[]'))::text as deployments
      from (
        select * from deployments
        where first_seen_at >= timestamp_of_us(${fromUs}::bigint) and first_seen_at < timestamp_of_us(${toUs}::bigint)
          ${ofOrganization(sql, organization)}
        order by first_seen_at desc, service, version, organization_id nulls first
        limit ${limit}::integer
      ) d`,
  )
  return row.deployments
}
