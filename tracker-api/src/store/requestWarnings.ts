import type postgres from 'postgres'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/** Attributes by which the tracker says what it changed, on spans and events; those of otlp/notes.ts. */
const TRUNCATED_TEXTS = 'tracker.truncated_texts_count'
const DROPPED_ATTRIBUTES = 'otel.dropped_attributes_count'

/**
 * A JSON array of what is missing or was changed in the data of `content_requests r`, as the contract's `warnings`:
 * - `gap`: what a service says it could not deliver.
 * - `refused`: records of its trace that stand in `dead_letters`; not those that name another organization.
 * - `repaired`: texts that were cut and attributes that were dropped.
 * - `missing_root`: it ended and sent spans, but not the root; told after a minute, for spans come late.
 */
export function dataWarnings(sql: postgres.Sql): Fragment {
  const noted = (data: Fragment, note: string) => sql`
    sum(case when jsonb_typeof(${data} -> ${note}) = 'number' then (${data} ->> ${note})::numeric else 0 end)`
  return sql`(
    select coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'message', w.message) order by w.rank, w.at, w.message), '[]')
    from (
      select 1 as rank, e.created_at as at, 'gap' as code, format(
        'The service %s could not deliver %s log records and %s spans of this request, from %s to %s%s: what is shown may lack them.',
        left(coalesce(e.source_service, 'unknown'), 100),
        left(coalesce(e.event_data ->> 'vividly.telemetry.lost_records', 'some'), 30),
        left(coalesce(e.event_data ->> 'vividly.telemetry.lost_spans', 'some'), 30),
        left(coalesce(e.event_data ->> 'vividly.telemetry.lost_from', 'some time'), 30),
        left(coalesce(e.event_data ->> 'vividly.telemetry.lost_to', iso_utc(e.created_at)), 30),
        left(' (' || (
          select string_agg(reason, ', ') from jsonb_array_elements_text(
            case when jsonb_typeof(e.event_data -> 'vividly.telemetry.lost_reasons') = 'array'
              then e.event_data -> 'vividly.telemetry.lost_reasons' end
          ) reason
        ) || ')', 100)
      ) as message
      from request_events e
      where e.request_id = r.id and e.event_type = 'telemetry_gap'
      union all
      select 2, min(d.received_at), 'refused', format(
        'The tracker refused %s %s of this request (%s): what is shown lacks them.',
        count(*), case d.signal when 'span' then 'spans' else 'log records' end, d.reason
      )
      from dead_letters d
      where trace_of_dead_letter(d.payload) = r.trace_id
        and (d.organization_id is null or d.organization_id = r.organization_id)
      group by d.signal, d.reason
      union all
      select 3, null, 'repaired', format(
        '%s texts were cut to their greatest length, and %s attributes were left out.', n.truncated, n.dropped
      )
      from (
        select coalesce(${noted(sql`x.data`, TRUNCATED_TEXTS)}, 0) as truncated,
          coalesce(${noted(sql`x.data`, DROPPED_ATTRIBUTES)}, 0) as dropped
        from (
          select e.event_data as data from request_events e where e.request_id = r.id
          union all
          select p.attributes from request_spans p where p.request_id = r.id
        ) x
        where x.data ?| array[${TRUNCATED_TEXTS}::text, ${DROPPED_ATTRIBUTES}::text]
      ) n
      where n.truncated + n.dropped > 0
      union all
      select 4, null, 'missing_root',
        'The request has ended, but its root span did not come: the waterfall has no top. Its states are told by log records.'
      where r.outcome is not null and r.updated_at < now() - interval '1 minute' and has_identity_time(r.id)
        and exists (select from request_spans p where p.request_id = r.id)
        and not exists (
          select from request_spans p where p.request_id = r.id and p.span_id = right(r.trace_id, 16)
        )
    ) w
  )`
}
