import type postgres from 'postgres'
import type { Known } from './readCalls.ts'

/** What calls may ask for: a few hundred requests of each kind. */
export async function findKnown(sql: postgres.Sql, fetchJson: (path: string) => Promise<unknown>): Promise<Known> {
  const ids = async (rows: Promise<{ id: string }[]>) => (await rows).map(({ id }) => id)
  const [middle] = await sql<{ at: string }[]>`
    select iso_utc(min(created_at) + (max(created_at) - min(created_at)) / 2) as at from content_requests`
  const page = (await fetchJson(`/requests?limit=1&to=${middle?.at}`)) as { next_cursor: string }
  return {
    ids: await ids(sql`select distinct request_id as id from request_spans limit 300`),
    anyIds: await ids(sql`select id from content_requests tablesample bernoulli (least(100, 100 * 300.0 / (select count(*) from content_requests))) limit 300`),
    deepCursor: page.next_cursor,
  }
}
