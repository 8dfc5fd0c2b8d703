-- All that changes what refusing means, in one transaction: who is at work meanwhile finds either the old functions or these.

-- The common form of what is taken: what is refused has been left out before.

create or replace function signals_of_spans(spans span_signal[], traces known_trace[]) returns setof tracked_signal
  language sql stable
begin atomic
  select
    t.request_id, k.kind, true,
    case k.kind when 'stage' then s.attributes ->> 'vividly.stage.name' end,
    stage_attempt_of(s.attributes),
    s.started_us, s.ended_us, o.outcome,
    case when o.outcome = 'failed' then error_of(s.attributes, s.exception, s.status_message) end,
    null::text,
    case when o.outcome = 'failed' then 'error'::event_severity else 'info' end,
    null::text, s.span_id, s.attributes, s.service, s.host, s.instance,
    case when k.kind <> 'other' then to_hex(hash_record_extended(
      row(s.name, s.started_us, s.ended_us, s.status_code, s.status_message, s.attributes, s.service, s.instance), 0
    )) end
  from unnest(spans) s
  join unnest(traces) t using (trace_id),
    lateral (
      select case
        when s.attributes ->> 'vividly.stage.name' <> '' then 'stage'
        when t.is_ours and s.span_id = right(s.trace_id, 16) or not t.is_ours and s.parent_span_id is null then 'root'
        else 'other'
      end as kind
    ) k,
    lateral (
      select case k.kind
        when 'stage' then coalesce(s.attributes ->> 'vividly.stage.status', case s.status_code when 2 then 'failed' else 'completed' end)
        when 'root' then coalesce(s.attributes ->> 'vividly.request.status', case s.status_code when 2 then 'failed' else 'completed' end)
      end as outcome
    ) o
  where t.is_ours or carries_vividly_attribute(s.attributes);
end;

-- Breaker records are taken outside any request too.
create or replace function signals_of_logs(logs log_signal[], traces known_trace[]) returns setof tracked_signal
  language sql stable
begin atomic
  select
    t.request_id, k.kind, false, k.stage_name,
    stage_attempt_of(s.attributes),
    s.time_us, s.time_us,
    case
      when k.kind in ('request_completed', 'request_failed', 'request_cancelled') then substr(k.kind, 9)
      when k.stage_name is null then null
      when k.kind in ('stage_completed', 'stage_failed', 'stage_skipped') then substr(k.kind, 7)
      when k.kind in ('stage_started', 'stage_heartbeat') then 'in_progress'
      -- A retry record carries the attempt that failed.
      when k.kind = 'retry' then 'failed'
    end,
    case
      when k.kind in ('request_failed', 'stage_failed') then error_of(s.attributes, null, s.message)
      when k.kind = 'retry' then error_of(s.attributes, null, coalesce(s.attributes ->> 'vividly.retry.reason', s.message))
    end,
    s.message, s.severity, s.uid, s.span_id, s.attributes, s.service, s.host, s.instance,
    to_hex(hash_record_extended(
      row(s.event_name, s.time_us, s.message, s.severity, s.attributes, s.span_id, s.service, s.host, s.instance), 0
    ))
  from unnest(logs) s
  left join unnest(traces) t using (trace_id),
    lateral (
      select event_type_of(s.event_name, s.attributes) as kind, nullif(s.attributes ->> 'vividly.stage.name', '') as stage_name
    ) k
  where t.trace_id is not null and (t.is_ours or carries_vividly_attribute(s.attributes) or starts_with(s.event_name, 'vividly.'))
    or starts_with(s.event_name, 'vividly.circuit_breaker.');
end;

-- As before (0051).
create or replace function record_spans(spans span_signal[], traces known_trace[]) returns setof uuid
  language plpgsql
as $$
begin
  return query
    with span as (
      select
        t.request_id, s.span_id, s.parent_span_id, s.name, s.kind, s.status_code, s.status_message,
        timestamp_of_us(s.started_us) as started_at, timestamp_of_us(s.ended_us) as ended_at,
        raw_attributes(s.attributes) as attributes, s.scope, s.service, s.host, s.instance
      from unnest(spans) s
      join unnest(traces) t on t.trace_id = s.trace_id
      where t.is_ours or carries_vividly_attribute(s.attributes)
    ),
    chosen as (
      select distinct on (s.request_id, s.span_id) s.*
      from span s
      order by s.request_id, s.span_id, s.ended_at, span_digest(s.parent_span_id, s.name, s.kind, s.status_code, s.status_message,
        s.started_at, s.attributes, s.scope, s.service, s.host, s.instance)
    )
    insert into request_spans as p
      (request_id, span_id, parent_span_id, name, kind, status_code, status_message, started_at, ended_at, attributes, scope,
        source_service, source_host, source_instance)
    select c.request_id, c.span_id, c.parent_span_id, c.name, c.kind, c.status_code, c.status_message, c.started_at, c.ended_at,
      c.attributes, c.scope, c.service, c.host, c.instance
    from chosen c
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
end
$$;

-- Of requests, in the order of their IDs, of which only events or spans came: those who watch must hear of it, but nothing
-- derived changed. Most of what comes while a stage runs is that.
create function note_told(request_ids uuid[]) returns void
  language plpgsql
  set vividly.merging = 'on'
  set plan_cache_mode = force_generic_plan
  set enable_nestloop = off
  set enable_seqscan = off
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  with told as (
    update content_requests r set version = r.version + 1, updated_at = clock_timestamp()
    where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id
    returning r.id, r.organization_id, r.version
  )
  insert into change_log (request_id, organization_id, version)
  select id, organization_id, version from told;
end
$$;

-- As before (0053), but that what is refused is left out at once, and that steps which have nothing to do are not begun.
-- Derived fields are written where something changed that they are derived from.
create or replace function merge_signals(spans span_signal[], logs log_signal[], moment timestamptz) returns setof refused_signal
  language plpgsql
  set vividly.merging = 'on'
  -- As in write_derived_fields.
  set plan_cache_mode = force_generic_plan
  set enable_nestloop = off
  set enable_seqscan = off
as $$
declare
  owned owned_trace[];
  refused refused_signal[] := '{}';
  trace_ids text[];
  traces known_trace[];
  signals tracked_signal[];
  claims request_claim[];
  request_ids uuid[];
  -- Requests whose row or stages changed, and those of which something was told.
  changed uuid[];
  told uuid[];
begin
  if exists (select from unnest(spans) s where s.owner is not null union all select from unnest(logs) s where s.owner is not null) then
    owned := array(select t from owned_traces(spans, logs) t);
    perform pg_advisory_xact_lock(hashtextextended(t.request_id::text, 31))
    from (select distinct request_id from unnest(owned) where request_id is not null order by request_id) t;
    owned := array(select t from owned_traces(spans, logs) t);
    refused := array(select r from foreign_signals(spans, logs, owned) r);
    if refused <> '{}' then
      spans := array(select s from unnest(spans) s where not exists (select from unnest(owned) t where t.trace_id = s.trace_id and t.owner <> s.owner));
      logs := array(select s from unnest(logs) s where not exists (select from unnest(owned) t where t.trace_id = s.trace_id and t.owner <> s.owner));
    end if;
  end if;

  -- A variable, not the query itself: else Postgres would not inline the function.
  trace_ids := array(select s.trace_id from unnest(spans) s union select s.trace_id from unnest(logs) s);
  traces := array(select t from known_traces(trace_ids, moment) t);
  if exists (
    select from unnest(traces) t where t.detail is not null
    union all select from unnest(spans) s where unknown_state_in(s.attributes) is not null
    union all select from unnest(logs) s where unknown_state_in(s.attributes) is not null
  ) then
    refused := refused || array(select r from refusals_of(spans, logs, traces) r);
    spans := array(
      select s from unnest(spans) s left join unnest(traces) t using (trace_id) where refusal_of(t, s.attributes) is null
    );
    logs := array(
      select s from unnest(logs) s left join unnest(traces) t using (trace_id) where refusal_of(t, s.attributes) is null
    );
  end if;
  signals := array(
    select s from signals_of_spans(spans, traces) s
    union all
    select s from signals_of_logs(logs, traces) s
  );
  request_ids := array(select distinct s.request_id from unnest(signals) s where s.request_id is not null order by s.request_id);

  if request_ids <> '{}' then
    claims := array(select c from claims_in(signals) c);
    changed := array(select record_requests(claims, signals, traces, request_ids));
    perform lock_requests(request_ids);
    changed := changed
      || array(select record_request_claims(claims, signals, request_ids))
      || array(select record_stages(signals, request_ids));
    told := array(select record_events(signals, request_ids));
    if spans <> '{}' then
      told := told || array(select record_spans(spans, traces));
    end if;
    if exists (select from unnest(signals) s where s.attributes ? 'user.full_name') then
      perform record_students(signals);
    end if;
    if changed <> '{}' then
      perform write_derived_fields(array(select distinct id from unnest(changed) id order by id));
    end if;
    told := array(select id from unnest(told) id except select id from unnest(changed) id order by id);
    if told <> '{}' then
      perform note_told(told);
    end if;
  end if;
  if exists (select from unnest(signals) s where starts_with(s.kind, 'circuit_breaker_')) then
    perform record_circuit_breakers(signals);
  end if;
  return query select r.* from unnest(refused) r;
end
$$;

drop function best_claims(tracked_signal[], uuid[]);
drop function record_requests(tracked_signal[], known_trace[], uuid[]);
drop function record_request_claims(tracked_signal[], uuid[]);
drop function record_events(tracked_signal[]);
