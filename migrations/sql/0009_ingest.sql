-- Whether a signal belongs to a request of ours: by its trace, else by an attribute or event name of ours.
create function is_tracked(trace_id text, attributes jsonb, event_name text) returns boolean
  language sql immutable parallel safe
  return own_correlation_id_of(trace_id) is not null or carries_vividly_attribute(attributes) or starts_with(event_name, 'vividly.');

-- Why a signal is refused, {reason, detail}; null where it is taken.
create function refusal_of(trace_id text, attributes jsonb, moment timestamptz) returns text[]
  language sql stable parallel safe
  return case
    when own_correlation_id_of(trace_id) is not null and identity_time_of(trace_id::uuid) < accepted_since(moment)
    then array['too_old', format('%s is older than what is kept: since %s', own_correlation_id_of(trace_id), accepted_since(moment))]
    when own_correlation_id_of(trace_id) is not null and identity_time_of(trace_id::uuid) > accepted_until(moment)
    then array['too_far_ahead', format('%s lies more than a day ahead', own_correlation_id_of(trace_id))]
    when unknown_state_in(attributes) is not null
    then array['unknown_state', unknown_state_in(attributes)]
  end;

create function refused_signals(spans span_signal[], logs log_signal[], moment timestamptz) returns setof signal_refusal
  language sql stable
begin atomic
  select 'span', r.refusal[1], r.refusal[2], to_jsonb(s)
  from unnest(spans) s, lateral (select refusal_of(s.trace_id, s.attributes, moment) as refusal) r
  where r.refusal is not null
  union all
  select 'log_record', r.refusal[1], r.refusal[2], to_jsonb(s)
  from unnest(logs) s, lateral (select refusal_of(s.trace_id, s.attributes, moment) as refusal) r
  where r.refusal is not null;
end;

-- The traces of which at least one signal is tracked, with their request IDs.
create function tracked_traces(spans span_signal[], logs log_signal[]) returns table (trace_id text, request_id uuid)
  language sql immutable
begin atomic
  select s.trace_id, request_id_of(s.trace_id)
  from (
    select trace_id from unnest(spans) where is_tracked(trace_id, attributes, '')
    union
    select trace_id from unnest(logs) where trace_id is not null and is_tracked(trace_id, attributes, event_name)
  ) s;
end;

-- Takes one batch of signals, whole, in one statement: everything below is committed together or not at all.
--
-- Arguments are JSON arrays of span_signal, log_signal and signal_refusal; the last are records that could not be
-- read and are only kept. Returns what was refused here, with its reason: these too are in dead_letters.
-- Signals of foreign traces that carry nothing of ours are ignored.
-- Errors: 23514 when a partition is missing (make it with ensure_partitions_of and call again); class 22, 23 or 54
-- when a record can't be stored (split the batch).
create function record_signals(spans json, logs json, refusals json, moment timestamptz default now())
  returns table (signal text, reason text, detail text)
  language plpgsql
  set vividly.merging = 'on'
as $$
declare
  span_rows span_signal[] := array(select s from json_populate_recordset(null::span_signal, spans) s);
  log_rows log_signal[] := array(select s from json_populate_recordset(null::log_signal, logs) s);
  refused signal_refusal[];
  -- Request ID by trace ID, of those that are tracked, and the reverse.
  request_ids jsonb;
  trace_ids jsonb;
  signals tracked_signal[];
  touched uuid[];
begin
  refused := array(select r from refused_signals(span_rows, log_rows, moment) r);
  if refused <> '{}' then
    span_rows := array(select s from unnest(span_rows) s where refusal_of(s.trace_id, s.attributes, moment) is null);
    log_rows := array(select s from unnest(log_rows) s where refusal_of(s.trace_id, s.attributes, moment) is null);
  end if;

  insert into dead_letters (signal, reason, detail, organization_id, payload)
  select r.signal, r.reason, r.detail, r.payload -> 'attributes' ->> 'vividly.organization.id', r.payload
  from (
    select * from unnest(refused)
    union all
    select * from json_populate_recordset(null::signal_refusal, refusals)
  ) r;

  select coalesce(jsonb_object_agg(t.trace_id, t.request_id), '{}'), coalesce(jsonb_object_agg(t.request_id, t.trace_id), '{}')
  into request_ids, trace_ids
  from tracked_traces(span_rows, log_rows) t;

  signals := array(
    select tracked_span(s, (request_ids ->> s.trace_id)::uuid) from unnest(span_rows) s
    where request_ids ? s.trace_id and is_tracked(s.trace_id, s.attributes, '')
    union all
    select tracked_log(s, (request_ids ->> s.trace_id)::uuid) from unnest(log_rows) s
    where (request_ids ? s.trace_id and is_tracked(s.trace_id, s.attributes, s.event_name))
      or starts_with(s.event_name, 'vividly.circuit_breaker.')
  );
  if signals = '{}' then
    return query select r.signal, r.reason, r.detail from unnest(refused) r;
    return;
  end if;

  perform record_requests(signals, trace_ids);
  perform lock_requests(array(select (value #>> '{}')::uuid from jsonb_each(request_ids)));
  touched := array(
    select record_request_claims(signals)
    union select record_stages(signals)
    union select record_events(signals)
    union select record_spans(array(select s from unnest(span_rows) s where is_tracked(s.trace_id, s.attributes, '')), request_ids)
  );
  perform record_students(signals);
  if touched <> '{}' then
    perform derive_requests(touched);
  end if;
  perform record_circuit_breakers(signals);
  return query select r.signal, r.reason, r.detail from unnest(refused) r;
end
$$;
