-- A new request's row is inserted with all that its first batch claims, not empty and then updated: each version of a
-- row that changes an indexed column, or finds no room on its page, costs an entry in every index.

-- The best claim to each field of each request among these signals.
create function claims_in(signals tracked_signal[]) returns setof request_claim
  language sql stable
begin atomic
  select distinct on (c.request_id, c.field) c.request_id, c.field, c.us, c.digest, c.value
  from (
    select s.request_id, 'pipeline' as field, s.said_us as us, s.digest, s.attributes -> 'vividly.pipeline.name' as value
    from unnest(signals) s
    where s.attributes ? 'vividly.pipeline.name'
    union all
    select s.request_id, 'organization', s.said_us, s.digest, s.attributes -> 'vividly.organization.id'
    from unnest(signals) s
    where s.attributes ? 'vividly.organization.id'
    union all
    select s.request_id, f.field, s.said_us, s.digest, f.value
    from unnest(signals) s,
      lateral (
        values
          ('student', s.attributes -> 'user.id'),
          ('topic', s.attributes -> 'vividly.request.topic'),
          ('learning_objective', s.attributes -> 'vividly.request.learning_objective'),
          ('video_url', s.attributes -> 'vividly.request.video_url'),
          ('thumbnail_url', s.attributes -> 'vividly.request.thumbnail_url'),
          ('script_text', s.attributes -> 'vividly.request.script_text'),
          ('started', case when s.kind = 'request_started' then 'true'::jsonb end),
          (s.outcome, case when s.outcome is not null then 'true'::jsonb end),
          ('error', s.error)
      ) f (field, value)
    where s.kind = 'root' or starts_with(s.kind, 'request_')
  ) c
  where c.request_id is not null and c.value <> 'null'
  order by c.request_id, c.field, c.us, c.digest;
end;

-- Those that beat what is stored.
create or replace function best_claims(signals tracked_signal[], request_ids uuid[]) returns setof request_claim
  language sql stable
begin atomic
  select c.request_id, c.field, c.us, c.digest, c.value
  from claims_in(signals) c
  join content_requests r on r.id = c.request_id
  where r.id = any (request_ids) and claim_beats(c.us, c.digest, r.claims -> c.field);
end;

-- Rows for requests not seen before, in the order of their IDs. Returns those it made; what another writer made at the
-- same moment is left to record_request_claims.
drop function record_requests(tracked_signal[], known_trace[], uuid[]);
create function record_requests(signals tracked_signal[], traces known_trace[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  fresh uuid[] := array(
    select n.request_id
    from (select unnest(request_ids) as request_id) n
    left join (select r.id from content_requests r where r.id = any (request_ids)) present on present.id = n.request_id
    where present.id is null
  );
begin
  if fresh = '{}' then
    return;
  end if;
  return query
    with claimed as (
      select c.request_id, jsonb_object_agg(c.field, c.value) as won,
        jsonb_object_agg(c.field, jsonb_build_array(c.us, c.digest)) as claims
      from claims_in(signals) c
      where c.request_id = any (fresh)
      group by c.request_id
    ),
    created as (
      insert into content_requests
        (id, foreign_trace_id, created_at, pipeline_name, organization_id, student_id, topic, learning_objective, video_url,
          thumbnail_url, script_text, reported_error, claims)
      select n.request_id, nullif(n.trace_id, replace(n.request_id::text, '-', '')),
        coalesce(
          identity_time_of(n.request_id),
          (select timestamp_of_us(min(s.started_us)) from unnest(signals) s where s.request_id = n.request_id)
        ),
        coalesce(c.won ->> 'pipeline', 'content_generation'), c.won ->> 'organization', c.won ->> 'student', c.won ->> 'topic',
        c.won ->> 'learning_objective', c.won ->> 'video_url', c.won ->> 'thumbnail_url', c.won ->> 'script_text',
        c.won -> 'error', coalesce(c.claims, '{}')
      from (
        select t.request_id, max(t.trace_id) as trace_id from unnest(traces) t where t.request_id = any (fresh) group by t.request_id
      ) n
      left join claimed c on c.request_id = n.request_id
      order by n.request_id
      on conflict do nothing
      returning id, status
    ),
    logged as (
      insert into request_status_changes (request_id, to_status) select id, status from created
    )
    select id from created;
end
$$;

-- As before (0052), but that new requests count as touched.
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
    touched := array(select record_requests(signals, traces, request_ids));
    perform lock_requests(request_ids);
    touched := array(
      select unnest(touched)
      union select record_request_claims(signals, request_ids)
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
