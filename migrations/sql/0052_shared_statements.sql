-- Several callers share a statement: each signal carries its `sender`, a number by which the caller tells whose was
-- refused, and the organization `owner` that its sender may write, null for all. Dead letters can be tried again.

alter type span_signal add attribute owner text, add attribute sender integer;
alter type log_signal add attribute owner text, add attribute sender integer;

create type refused_signal as (signal text, reason text, detail text, payload jsonb, sender integer);

create function refusals_of(spans span_signal[], logs log_signal[], traces known_trace[]) returns setof refused_signal
  language sql stable
begin atomic
  select 'span', coalesce(t.reason, 'unknown_state'), refusal_of(t, s.attributes), to_jsonb(s) - 'sender', s.sender
  from unnest(spans) s join unnest(traces) t using (trace_id)
  where refusal_of(t, s.attributes) is not null
  union all
  select 'log_record', coalesce(t.reason, 'unknown_state'), refusal_of(t, s.attributes), to_jsonb(s) - 'sender', s.sender
  from unnest(logs) s left join unnest(traces) t using (trace_id)
  where refusal_of(t, s.attributes) is not null;
end;

create type owned_trace as (trace_id text, request_id uuid, owner text);

-- Traces that a sender of one organization writes to, with whose they are: as stored, else of who begins them now; of
-- several who begin one together, one's. '' is nobody's in particular, and so not that sender's.
create function owned_traces(spans span_signal[], logs log_signal[]) returns setof owned_trace
  language sql stable
begin atomic
  select t.trace_id, t.request_id, case when r.id is null then t.beginner else coalesce(r.organization_id, '') end
  from (
    select s.trace_id, request_id_of(s.trace_id) as request_id, min(coalesce(s.owner, '')) as beginner
    from (select trace_id, owner from unnest(spans) union all select trace_id, owner from unnest(logs)) s
    where s.trace_id is not null
    group by s.trace_id
    having count(s.owner) > 0
  ) t
  left join content_requests r on r.id = t.request_id;
end;

-- Signals of requests that are not their senders'.
create function foreign_signals(spans span_signal[], logs log_signal[], traces owned_trace[]) returns setof refused_signal
  language sql stable
begin atomic
  select 'span', 'foreign_request', 'the request is not of the token''s organization', to_jsonb(s) - 'sender', s.sender
  from unnest(spans) s join unnest(traces) t using (trace_id)
  where s.owner <> t.owner
  union all
  select 'log_record', 'foreign_request', 'the request is not of the token''s organization', to_jsonb(s) - 'sender', s.sender
  from unnest(logs) s join unnest(traces) t using (trace_id)
  where s.owner <> t.owner;
end;

-- Merges signals into the tables and returns those that it refused; all that record_signals does but dead letters.
-- Signals of foreign traces that carry nothing of ours are ignored.
--
-- Of two owners who begin a request at the same moment one waits for the other, and is refused: the lock is taken
-- before the request is looked up, in a statement of its own, so that the look sees what the other committed.
create function merge_signals(spans span_signal[], logs log_signal[], moment timestamptz) returns setof refused_signal
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
  traces known_trace[];
  signals tracked_signal[];
  request_ids uuid[];
  touched uuid[];
begin
  if exists (select from unnest(spans) s where s.owner is not null) or exists (select from unnest(logs) s where s.owner is not null) then
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

  traces := array(
    select t from known_traces(
      array(select s.trace_id from unnest(spans) s union select s.trace_id from unnest(logs) s), moment
    ) t
  );
  refused := refused || array(select r from refusals_of(spans, logs, traces) r);
  signals := array(
    select s from signals_of_spans(spans, traces) s
    union all
    select s from signals_of_logs(logs, traces) s
  );
  request_ids := array(select distinct s.request_id from unnest(signals) s where s.request_id is not null order by s.request_id);

  if request_ids <> '{}' then
    perform record_requests(signals, traces, request_ids);
    perform lock_requests(request_ids);
    touched := array(
      select record_request_claims(signals, request_ids)
      union select record_stages(signals, request_ids)
      union select record_events(signals)
      union select record_spans(spans, traces)
    );
    perform record_students(signals);
    if touched <> '{}' then
      perform write_derived_fields(touched);
    end if;
  end if;
  if exists (select from unnest(signals) s where starts_with(s.kind, 'circuit_breaker_')) then
    perform record_circuit_breakers(signals);
  end if;
  return query select r.* from unnest(refused) r;
end
$$;

drop function record_owned_signals(json, json, json);
drop function record_signals(json, json, json, timestamptz);
drop function is_of_another(json);
drop function refused_signals(span_signal[], log_signal[], known_trace[]);
drop function record_requests(tracked_signal[], known_trace[]);
drop function record_request_claims(tracked_signal[]);
drop function record_stages(tracked_signal[]);
drop function claimed_text(text, jsonb, jsonb, text);
drop function claimed_json(jsonb, jsonb, jsonb, text);
drop function claim_of(text, jsonb);

-- Takes the signals of one batch or of several, in one statement: all is committed together or nothing is.
--
-- Arguments are JSON arrays of span_signal, log_signal and signal_refusal; the last are records that could not be
-- read and are only kept. Returns what was refused here, with its reason and sender: these too are in dead_letters.
-- Errors: 23514 when a partition is missing (make it with ensure_partitions_of and call again); class 22, 23 or 54
-- when a record can't be stored (split the batch).
create function record_signals(spans json, logs json, refusals json, moment timestamptz default now())
  returns table (signal text, reason text, detail text, sender integer)
  language plpgsql
as $$
declare
  refused refused_signal[] := array(
    select r from merge_signals(
      array(select s from json_populate_recordset(null::span_signal, spans) s),
      array(select s from json_populate_recordset(null::log_signal, logs) s),
      moment
    ) r
  );
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

-- The same for trackers of the release before, which call it while they are replaced.
create function record_owned_signals(spans json, logs json, refusals json)
  returns table (signal text, reason text, detail text)
  language sql
begin atomic
  select r.signal, r.reason, r.detail from record_signals(spans, logs, refusals) r;
end;

-- Whether a dead letter holds a whole signal, so that it can be tried again. One that was refused for what its sender may
-- not write is not: who tries again would do it in their own right.
create function is_replayable(reason text, payload jsonb) returns boolean
  language sql immutable parallel safe
  return payload ?& array['attributes', 'trace_id'] and payload ?| array['time_us', 'started_us'] and reason <> 'org_mismatch';

-- Tries dead letters again, after what refused them is mended. What is taken leaves dead_letters; what is refused again
-- stays, with the reason of now. Letters that can't be replayed or are gone are passed over. Errors as record_signals.
create function replay_dead_letters(letter_ids bigint[], moment timestamptz default now())
  returns table (replayed integer, refused integer)
  language plpgsql
as $$
declare
  letters dead_letters[] := array(
    select d from dead_letters d where d.id = any (letter_ids) and is_replayable(d.reason, d.payload) order by d.id for update
  );
  again refused_signal[];
begin
  perform ensure_partitions_of(array(
    select k.request_id
    from known_traces(array(select l.payload ->> 'trace_id' from unnest(letters) l), moment) k
    where k.is_ours and k.reason is null
  ));
  again := array(
    select r from merge_signals(
      array(
        select s from unnest(letters) with ordinality l (id, received_at, signal, reason, detail, organization_id, payload, place),
          jsonb_populate_record(null::span_signal, l.payload || jsonb_build_object('sender', l.place)) s
        where l.signal = 'span'
      ),
      array(
        select s from unnest(letters) with ordinality l (id, received_at, signal, reason, detail, organization_id, payload, place),
          jsonb_populate_record(null::log_signal, l.payload || jsonb_build_object('sender', l.place)) s
        where l.signal = 'log_record'
      ),
      moment
    ) r
  );
  update dead_letters d set reason = r.reason, detail = r.detail from unnest(again) r where d.id = letters[r.sender].id;
  delete from dead_letters d
  using unnest(letters) with ordinality l (id, received_at, signal, reason, detail, organization_id, payload, place)
  where d.id = l.id and not exists (select from unnest(again) r where r.sender = l.place);
  return query select cardinality(letters) - cardinality(again), cardinality(again);
end
$$;
