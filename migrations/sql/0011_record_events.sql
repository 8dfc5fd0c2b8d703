-- Life-cycle events that spans imply, so that a client that sends spans alone has a timeline too.
create function implied_events(signals tracked_signal[]) returns setof tracked_signal
  language sql stable parallel safe
begin atomic
  select s.request_id, e.kind, false, s.stage_name, s.attempt, e.at_us, e.at_us, null::text, null::jsonb, e.message,
    e.severity, null::text, s.span_id, coalesce(nullif(e.attributes, 'null'), '{}'), s.service, s.host, s.instance, s.digest
  from unnest(signals) s,
    lateral (
      values
        ('stage', 'stage_started', s.started_us, format('Stage %s started', s.stage_name), 'info'::event_severity, null::jsonb),
        ('stage', 'stage_' || s.outcome, s.said_us, coalesce(s.error ->> 'message', format('Stage %s %s', s.stage_name, s.outcome)),
          s.severity, s.error -> 'details'),
        ('root', 'request_created', s.started_us, 'Request created', 'info', null),
        ('root', 'request_' || s.outcome, s.said_us, coalesce(s.error ->> 'message', format('Request %s', s.outcome)),
          s.severity, s.error -> 'details')
    ) e (of_kind, kind, at_us, message, severity, attributes)
  where s.is_span and s.kind = e.of_kind;
end;

create function record_events(signals tracked_signal[]) returns setof uuid
  language sql
begin atomic
  with event as (
    select s.*, false as is_derived from unnest(signals) s
    where not s.is_span and s.request_id is not null and s.kind <> 'circuit_breaker_status'
    union all
    select i.*, true from implied_events(signals) i
  ),
  shaped as (
    select e.request_id, event_id_of(e.kind, e.stage_name, n.attempt, e.uid, e.digest) as id,
      e.kind as event_type, e.message as event_message, e.stage_name, n.attempt, e.severity,
      timestamp_of_us(e.said_us) as created_at,
      raw_attributes(e.attributes) - array['vividly.stage.name', 'vividly.stage.attempt'] as event_data,
      e.span_id, e.service as source_service, e.host as source_host, e.is_derived
    from event e, lateral (select case when e.stage_name is not null then e.attempt end as attempt) n
  ),
  chosen as (
    select distinct on (request_id, id) * from shaped e
    order by request_id, id, is_derived, event_sort_us(event_type, created_at),
      event_digest(event_message, severity, event_data, span_id, source_service, source_host)
  )
  insert into request_events as e
    (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived)
  select
    request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived
  from chosen
  on conflict (request_id, id) do update
    set event_message = excluded.event_message, severity = excluded.severity, created_at = excluded.created_at,
      event_data = excluded.event_data, span_id = excluded.span_id, source_service = excluded.source_service,
      source_host = excluded.source_host, is_derived = excluded.is_derived, event_type = excluded.event_type,
      stage_name = excluded.stage_name, attempt = excluded.attempt
    where (excluded.is_derived, event_sort_us(excluded.event_type, excluded.created_at),
        event_digest(excluded.event_message, excluded.severity, excluded.event_data, excluded.span_id, excluded.source_service, excluded.source_host))
      < (e.is_derived, event_sort_us(e.event_type, e.created_at),
        event_digest(e.event_message, e.severity, e.event_data, e.span_id, e.source_service, e.source_host))
  returning e.request_id;
end;

create function span_digest(
  parent_span_id text, name text, kind smallint, status_code smallint, status_message text, started_at timestamptz,
  attributes jsonb, scope text, service text, host text, instance text
) returns text
  language sql stable parallel safe
  return md5(concat_ws('/', parent_span_id, name, kind, status_code, status_message, epoch_us(started_at), attributes, scope, service, host, instance));

-- The least (end, digest) of a span stays.
create function record_spans(spans span_signal[], traces known_trace[]) returns setof uuid
  language sql
begin atomic
  with span as (
    select distinct on (i.request_id, s.span_id)
      i.request_id, s.span_id, s.parent_span_id, s.name, s.kind, s.status_code, s.status_message,
      timestamp_of_us(s.started_us) as started_at, timestamp_of_us(s.ended_us) as ended_at,
      raw_attributes(s.attributes) as attributes, s.scope, s.service, s.host, s.instance
    from unnest(spans) s join unnest(traces) i using (trace_id)
    where is_tracked(i, s.attributes, '') and refusal_of(i, s.attributes) is null
    order by i.request_id, s.span_id, s.ended_us,
      span_digest(s.parent_span_id, s.name, s.kind, s.status_code, s.status_message, timestamp_of_us(s.started_us),
        raw_attributes(s.attributes), s.scope, s.service, s.host, s.instance)
  )
  insert into request_spans as p
    (request_id, span_id, parent_span_id, name, kind, status_code, status_message, started_at, ended_at, attributes, scope,
      source_service, source_host, source_instance)
  select request_id, span_id, parent_span_id, name, kind, status_code, status_message, started_at, ended_at, attributes, scope,
    service, host, instance
  from span
  on conflict (request_id, span_id) do update
    set parent_span_id = excluded.parent_span_id, name = excluded.name, kind = excluded.kind,
      status_code = excluded.status_code, status_message = excluded.status_message, started_at = excluded.started_at,
      ended_at = excluded.ended_at, attributes = excluded.attributes, scope = excluded.scope,
      source_service = excluded.source_service, source_host = excluded.source_host, source_instance = excluded.source_instance
    where (excluded.ended_at, span_digest(excluded.parent_span_id, excluded.name, excluded.kind, excluded.status_code,
        excluded.status_message, excluded.started_at, excluded.attributes, excluded.scope, excluded.source_service,
        excluded.source_host, excluded.source_instance))
      < (p.ended_at, span_digest(p.parent_span_id, p.name, p.kind, p.status_code, p.status_message, p.started_at, p.attributes,
        p.scope, p.source_service, p.source_host, p.source_instance))
  returning p.request_id;
end;
