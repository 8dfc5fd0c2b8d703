import type { EventSeverity } from '../contract.ts'
import type { Pool } from './Pool.ts'
import { ofOrganization } from './ofOrganization.ts'
import { read } from './read.ts'

export type EventFilter = { severities?: EventSeverity[]; types?: string[]; stage?: string; organization?: string }
/** Where a list of events goes on: behind this one. */
export type EventPosition = { createdUs: number; id: string }
export type EventPage = {
  /** JSON text: an array of the contract's `requestEvent`, oldest first. */
  items: string
  next: EventPosition | undefined
}

type Row = { items: string; next: { created_us: number; id: string } | null }

/**
 * A page of a request's events, oldest first; undefined where no such request is known. An event that names no stage
 * belongs to the stage in whose span, or in a span inside of it, it was told.
 */
export async function findEvents(
  pool: Pool,
  spelling: string,
  filter: EventFilter,
  limit: number,
  after?: EventPosition,
): Promise<EventPage | undefined> {
  const row = await read<Row>(
    pool,
    'reading events',
    (sql) => sql`
      with request as materialized (
        select id from content_requests where id = request_id_of(${spelling}) ${ofOrganization(sql, filter.organization)}
      ),
      event as (
        select e.id, e.event_type, e.event_message, e.severity, coalesce(e.stage_name, s.stage_name) as stage_name,
          e.created_at, e.event_data, e.source_service, e.source_host
        from request q
        join request_events e on e.request_id = q.id
        left join (select s.* from request q, span_stages_of(q.id) s) s on e.stage_name is null and s.span_id = e.span_id
        where true
          ${after === undefined ? sql`` : sql`and (e.created_at, e.id) > (timestamp_of_us(${after.createdUs}::bigint), ${after.id}::uuid)`}
          ${filter.severities === undefined ? sql`` : sql`and e.severity = any (${filter.severities}::event_severity[])`}
          ${filter.types === undefined ? sql`` : sql`and e.event_type = any (${filter.types}::text[])`}
          ${filter.stage === undefined ? sql`` : sql`and coalesce(e.stage_name, s.stage_name) = ${filter.stage}`}
      ),
      page as materialized (
        select e.*, row_number() over (order by e.created_at, e.id) as place
        from event e
        order by e.created_at, e.id
        limit ${limit + 1}::integer
      )
      select
        coalesce(
          (
            select json_agg(json_build_object(
              'id', p.id, 'event_type', p.event_type, 'event_message', p.event_message, 'severity', p.severity,
              'stage_name', p.stage_name, 'created_at', iso_utc(p.created_at), 'event_data', p.event_data,
              'source_service', p.source_service, 'source_host', p.source_host
            ) order by p.place)
            from page p
            where p.place <= ${limit}::integer
          ),
          '[]'
        )::text as items,
        (
          select json_build_object('created_us', epoch_us(p.created_at), 'id', p.id)
          from page p
          where p.place = ${limit}::integer and (select max(place) from page) > ${limit}::integer
        ) as next
      from request`,
  )
  return row && { items: row.items, next: row.next ? { createdUs: row.next.created_us, id: row.next.id } : undefined }
}
