-- Signals as a JSON array for each, its fields in the order of the SQL type: parsed once, and an attribute map is taken as
-- it is.

create function spans_in_rows(spans jsonb) returns setof span_signal
  language sql stable
begin atomic
  select s ->> 0, s ->> 1, s ->> 2, s ->> 3, (s -> 4)::smallint, (s -> 5)::bigint, (s -> 6)::bigint, (s -> 7)::smallint, s ->> 8,
    s -> 9, nullif(s -> 10, 'null'), s ->> 11, s ->> 12, s ->> 13, s ->> 14, s ->> 15, (s ->> 16)::integer
  from jsonb_array_elements(spans) s;
end;

create function logs_in_rows(logs jsonb) returns setof log_signal
  language sql stable
begin atomic
  select s ->> 0, s ->> 1, s ->> 2, s ->> 3, (s ->> 4)::event_severity, (s -> 5)::bigint, s ->> 6, s -> 7, s ->> 8, s ->> 9, s ->> 10,
    s ->> 11, (s ->> 12)::integer
  from jsonb_array_elements(logs) s;
end;

-- Takes signals that stand in rows: see record_signal_rows.
create function record_signals_in_rows(spans jsonb, logs jsonb, refusals json)
  returns table (signal text, reason text, detail text, sender integer)
  language plpgsql
as $$
begin
  return query select * from record_signal_rows(
    array(select s from spans_in_rows(spans) s), array(select s from logs_in_rows(logs) s), refusals, now()
  );
end
$$;

-- As before (0055), but that nothing is written where nothing was refused.
create or replace function record_signal_rows(spans span_signal[], logs log_signal[], refusals json, moment timestamptz)
  returns table (signal text, reason text, detail text, sender integer)
  language plpgsql
as $$
declare
  refused refused_signal[] := array(select r from merge_signals(spans, logs, moment) r);
begin
  if refused <> '{}' or refusals::text <> '[]' then
    insert into dead_letters (signal, reason, detail, organization_id, payload)
    select r.signal, r.reason, r.detail, r.payload -> 'attributes' ->> 'vividly.organization.id', r.payload
    from (
      select f.signal, f.reason, f.detail, f.payload from unnest(refused) f
      union all
      select * from json_populate_recordset(null::signal_refusal, refusals)
    ) r;
    return query select r.signal, r.reason, r.detail, r.sender from unnest(refused) r;
  end if;
end
$$;
