import type { Pool } from './Pool.ts'
import { ofOrganization } from './ofOrganization.ts'
import { read } from './read.ts'

/** Spans of one answer; a request has dozens, a runaway service thousands. */
const MAX_SPANS = 5_000

/**
 * JSON text of the contract's `requestSpanList`, by start; undefined where no such request is known. The stage of a
 * span is the nearest one that it lies in.
 */
export async function findSpans(pool: Pool, spelling: string, organization?: string): Promise<string | undefined> {
  const row = await read<{ spans: string }>(
    pool,
    'reading spans',
    (sql) => sql`
      with request as materialized (
        select id from content_requests where id = request_id_of(${spelling}) ${ofOrganization(sql, organization)}
      ),
      span as materialized (
        select p.*, row_number() over (order by p.started_at, p.span_id) as place
        from request_spans p
        -- By the parameter, not by the row found: so only the partition of that request is opened, not every day's.
        where p.request_id = request_id_of(${spelling}) and exists (select from request)
        order by p.started_at, p.span_id
        limit ${MAX_SPANS + 1}::integer
      )
      select json_build_object(
        'items', coalesce((
          select json_agg(json_build_object(
            'span_id', p.span_id, 'parent_span_id', p.parent_span_id, 'name', p.name, 'stage_name', s.stage_name,
            'kind', p.kind, 'status_code', p.status_code, 'status_message', p.status_message,
            'started_at', iso_utc(p.started_at), 'ended_at', iso_utc(p.ended_at),
            'duration_seconds', case
              when p.ended_at >= p.started_at then round(extract(epoch from p.ended_at - p.started_at), 6)
            end,
            'attributes', p.attributes, 'source_service', p.source_service, 'source_host', p.source_host
          ) order by p.place)
          from span p
          left join span_stages_of(request_id_of(${spelling})) s on s.span_id = p.span_id
          where p.place <= ${MAX_SPANS}::integer
        ), '[]'),
        'truncated', (select count(*) from span) > ${MAX_SPANS}::integer
      )::text as spans
      from request`,
  )
  return row?.spans
}
