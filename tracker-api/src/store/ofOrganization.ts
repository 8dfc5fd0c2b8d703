import type postgres from 'postgres'

/** A condition, beginning with `and`, on the organization of the only `content_requests` in a query; none for undefined. */
export function ofOrganization(
  sql: postgres.Sql,
  organization: string | undefined,
): postgres.PendingQuery<postgres.Row[]> {
  return organization === undefined ? sql`` : sql`and organization_id = ${organization}`
}
