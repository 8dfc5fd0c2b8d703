create function refused_signals(spans span_signal[], logs log_signal[], traces known_trace[]) returns setof signal_refusal
  language sql stable
begin atomic
  select 'span', coalesce(t.reason, 'unknown_state'), refusal_of(t, s.attributes), to_jsonb(s)
  from unnest(spans) s join unnest(traces) t using (trace_id)
  where refusal_of(t, s.attributes) is not null
  union all
  select 'log_record', coalesce(t.reason, 'unknown_state'), refusal_of(t, s.attributes), to_jsonb(s)
  from unnest(logs) s left join unnest(traces) t using (trace_id)
  where refusal_of(t, s.attributes) is not null;
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
  traces known_trace[] := array(
    select t from known_traces(
      array(select s.trace_id from unnest(span_rows) s union select s.trace_id from unnest(log_rows) s), moment
    ) t
  );
  refused signal_refusal[] := array(select r from refused_signals(span_rows, log_rows, traces) r);
  signals tracked_signal[] := array(
    select s from signals_of_spans(span_rows, traces) s
    union all
    select s from signals_of_logs(log_rows, traces) s
  );
  request_ids uuid[] := array(select distinct s.request_id from unnest(signals) s where s.request_id is not null);
  touched uuid[];
begin
  insert into dead_letters (signal, reason, detail, organization_id, payload)
  select r.signal, r.reason, r.detail, r.payload -> 'attributes' ->> 'vividly.organization.id', r.payload
  from (
    select * from unnest(refused)
    union all
    select * from json_populate_recordset(null::signal_refusal, refusals)
  ) r;

  if request_ids <> '{}' then
    perform record_requests(signals, traces);
    perform lock_requests(request_ids);
    touched := array(
      select record_request_claims(signals)
      union select record_stages(signals)
      union select record_events(signals)
      union select record_spans(span_rows, traces)
    );
    perform record_students(signals);
    if touched <> '{}' then
      perform derive_requests(touched);
    end if;
  end if;
  perform record_circuit_breakers(signals);
  return query select r.signal, r.reason, r.detail from unnest(refused) r;
end
$$;
