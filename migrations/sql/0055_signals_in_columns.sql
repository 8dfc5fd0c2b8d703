-- Signals by columns: a JSON array for each field costs Postgres two thirds of what an object for each signal costs, whose
-- names it reads and looks up again and again.

-- From an array of columns in the order of the type's fields.
create function spans_in_columns(columns json) returns setof span_signal
  language sql stable
begin atomic
  select s.trace_id, s.span_id, s.parent_span_id, s.name, s.kind::smallint, s.started_us::bigint, s.ended_us::bigint,
    s.status_code::smallint, s.status_message, s.attributes::jsonb, s.exception::jsonb, s.scope, s.service, s.host, s.instance,
    s.owner, s.sender::integer
  from (select array_agg(value order by place) as c from json_array_elements(columns) with ordinality e (value, place)) a,
    rows from (
      json_array_elements_text(a.c[1]), json_array_elements_text(a.c[2]), json_array_elements_text(a.c[3]),
      json_array_elements_text(a.c[4]), json_array_elements_text(a.c[5]), json_array_elements_text(a.c[6]),
      json_array_elements_text(a.c[7]), json_array_elements_text(a.c[8]), json_array_elements_text(a.c[9]),
      json_array_elements_text(a.c[10]), json_array_elements_text(a.c[11]), json_array_elements_text(a.c[12]),
      json_array_elements_text(a.c[13]), json_array_elements_text(a.c[14]), json_array_elements_text(a.c[15]),
      json_array_elements_text(a.c[16]), json_array_elements_text(a.c[17])
    ) s (trace_id, span_id, parent_span_id, name, kind, started_us, ended_us, status_code, status_message, attributes, exception,
      scope, service, host, instance, owner, sender);
end;

create function logs_in_columns(columns json) returns setof log_signal
  language sql stable
begin atomic
  select s.trace_id, s.span_id, s.event_name, s.message, s.severity::event_severity, s.time_us::bigint, s.uid, s.attributes::jsonb,
    s.service, s.host, s.instance, s.owner, s.sender::integer
  from (select array_agg(value order by place) as c from json_array_elements(columns) with ordinality e (value, place)) a,
    rows from (
      json_array_elements_text(a.c[1]), json_array_elements_text(a.c[2]), json_array_elements_text(a.c[3]),
      json_array_elements_text(a.c[4]), json_array_elements_text(a.c[5]), json_array_elements_text(a.c[6]),
      json_array_elements_text(a.c[7]), json_array_elements_text(a.c[8]), json_array_elements_text(a.c[9]),
      json_array_elements_text(a.c[10]), json_array_elements_text(a.c[11]), json_array_elements_text(a.c[12]),
      json_array_elements_text(a.c[13])
    ) s (trace_id, span_id, event_name, message, severity, time_us, uid, attributes, service, host, instance, owner, sender);
end;

-- Takes the signals of one batch or of several, in one statement: all is committed together or nothing is.
-- Returns what was refused, with its reason and sender: these too are in dead_letters, as are `refusals`, a JSON array of
-- signal_refusal: records that could not be read.
-- Errors: 23514 when a partition is missing (make it with ensure_partitions_of and call again); class 22, 23 or 54
-- when a record can't be stored (split the batch).
create function record_signal_rows(spans span_signal[], logs log_signal[], refusals json, moment timestamptz)
  returns table (signal text, reason text, detail text, sender integer)
  language plpgsql
as $$
declare
  refused refused_signal[] := array(select r from merge_signals(spans, logs, moment) r);
begin
  insert into dead_letters (signal, reason, detail, organization_id, payload)
  select r.signal, r.reason, r.detail, r.payload -> 'attributes' ->> 'vividly.organization.id', r.payload
  from (
    select f.signal, f.reason, f.detail, f.payload from unnest(refused) f
    union all
    select * from json_populate_recordset(null::signal_refusal, refusals)
  ) r;
  return query select r.signal, r.reason, r.detail, r.sender from unnest(refused) r;
end
$$;

-- The same from columns: see spans_in_columns.
create function record_signal_columns(spans json, logs json, refusals json)
  returns table (signal text, reason text, detail text, sender integer)
  language plpgsql
as $$
begin
  return query select * from record_signal_rows(
    array(select s from spans_in_columns(spans) s), array(select s from logs_in_columns(logs) s), refusals, now()
  );
end
$$;

-- The same from JSON arrays of span_signal and log_signal objects, for psql and scripts.
create or replace function record_signals(spans json, logs json, refusals json, moment timestamptz default now())
  returns table (signal text, reason text, detail text, sender integer)
  language plpgsql
as $$
begin
  return query select * from record_signal_rows(
    array(select s from json_populate_recordset(null::span_signal, spans) s),
    array(select s from json_populate_recordset(null::log_signal, logs) s),
    refusals, moment
  );
end
$$;
