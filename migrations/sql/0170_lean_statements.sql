-- The same results with fewer and simpler plans: what a batch costs before its first signal is merged was three
-- milliseconds, most of what a small one took.
--
-- `id = any (ids)` alone prunes no partition, and every statement opened each month of requests and stages and each day of
-- events. So the functions below take their IDs in order and say the first and the last one too: that does prune, before
-- anything is opened.

-- How a request ended: the greatest by rank of what was claimed, null while nothing was.
create function claimed_outcome(claims jsonb) returns text
  language sql immutable parallel safe
  return case when claims ? 'completed' then 'completed' when claims ? 'failed' then 'failed' when claims ? 'cancelled' then 'cancelled' end;

-- When, as claimed; stable, as the operators inside are, so that Postgres inlines it.
create function claimed_end(claims jsonb) returns timestamptz
  language sql stable parallel safe
  return timestamp_of_us((claims -> claimed_outcome(claims) ->> 0)::bigint);

-- Of the failed stages of a request the one with the greatest of these is told: its latest failure.
create type stage_failure as (ended_at timestamptz, stage_order integer, stage_name text, error_message text, error_details jsonb);

-- What the stages of requests amount to; requests without a stage are not among the rows.
create type stage_totals as (
  request_id uuid,
  passed bigint,
  unknown_stages bigint,
  retry_count integer,
  first_start timestamptz,
  -- Place of the stage that gives the request its status while it has not ended: a thousand more for being in progress.
  furthest integer,
  failure jsonb
);

create function stage_totals_of(request_ids uuid[], first_id uuid, last_id uuid) returns setof stage_totals
  language sql stable
begin atomic
  select s.request_id,
    count(*) filter (where s.status in ('completed', 'skipped', 'in_progress')),
    count(*) filter (where s.stage_order = unknown_stage_order()),
    sum(s.attempt - 1)::integer,
    min(s.started_at),
    max(s.stage_order + case s.status when 'in_progress' then 1000 else 0 end)
      filter (where s.stage_order <> unknown_stage_order() and (s.started_at is not null or s.status in ('in_progress', 'completed', 'failed'))),
    to_jsonb(
      max(row(coalesce(s.completed_at, '-infinity'), s.stage_order, s.stage_name, s.error_message, s.error_details)::stage_failure)
        filter (where s.status = 'failed')
    )
  from request_stages s
  where s.request_id = any (request_ids) and s.request_id >= first_id and s.request_id <= last_id
  group by s.request_id;
end;

-- Writes the derived fields of requests, in the order of their IDs, whose stages have their places: a request's row says of
-- its stages what follows from them and from its claims, and from nothing else.
create or replace function write_derived_fields(request_ids uuid[]) returns void
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
  with after as (
    update content_requests r
    set status = coalesce(
        claimed_outcome(r.claims)::request_status,
        (select d.request_status from pipeline_stage_definitions d where d.pipeline_name = r.pipeline_name and d.stage_order = t.furthest % 1000),
        'pending'
      ),
      current_stage = case when claimed_outcome(r.claims) is null then
        (select d.stage_name from pipeline_stage_definitions d where d.pipeline_name = r.pipeline_name and d.stage_order = t.furthest % 1000)
      end,
      progress_percentage = case
        when r.claims ? 'completed' then 100
        else least(99, 100 * coalesce(t.passed, 0) / greatest(
          (select count(*) from pipeline_stage_definitions d where d.pipeline_name = r.pipeline_name) + coalesce(t.unknown_stages, 0), 1
        ))
      end,
      outcome = claimed_outcome(r.claims)::request_status,
      created_at = coalesce(identity_time_of(r.id), r.created_at),
      started_at = least(timestamp_of_us((r.claims -> 'started' ->> 0)::bigint), t.first_start),
      completed_at = case when r.claims ? 'completed' then claimed_end(r.claims) end,
      failed_at = case when claimed_outcome(r.claims) = 'failed' then claimed_end(r.claims) end,
      cancelled_at = case when claimed_outcome(r.claims) = 'cancelled' then claimed_end(r.claims) end,
      total_duration_seconds = case when claimed_outcome(r.claims) is not null then
        extract(epoch from greatest(claimed_end(r.claims) - coalesce(identity_time_of(r.id), r.created_at), interval '0')) end,
      error_message = case when not r.claims ? 'completed' then coalesce(r.reported_error ->> 'message', t.failure ->> 'error_message') end,
      error_stage = case when not r.claims ? 'completed' then coalesce(r.reported_error ->> 'stage', t.failure ->> 'stage_name') end,
      error_details = case when not r.claims ? 'completed' then
        coalesce(nullif(r.reported_error -> 'details', 'null'), nullif(t.failure -> 'error_details', 'null')) end,
      retry_count = coalesce(t.retry_count, 0),
      version = r.version + 1,
      updated_at = clock_timestamp()
    from unnest(request_ids) q (id) left join stage_totals_of(request_ids, first_id, last_id) t on t.request_id = q.id
    where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = q.id
    returning r.id, old.status as from_status, new.status, new.created_at, new.organization_id, new.version
  ),
  status_log as (
    insert into request_status_changes (request_id, from_status, to_status)
    select id, from_status, status from after where status <> from_status
  ),
  hours as (
    insert into request_metric_hours_due (hour)
    select distinct date_trunc('hour', created_at, 'UTC') from after
  )
  insert into change_log (request_id, organization_id, version)
  select id, organization_id, version from after;
end
$$;

drop function derived_fields(uuid[]);

-- As before (0050): what a request's row says of its stages, derived anew; in any order.
create or replace function derive_requests(request_ids uuid[]) returns void
  language plpgsql as $$
declare
  ordered uuid[] := array_sort(request_ids);
begin
  perform order_stages(ordered);
  perform write_derived_fields(ordered);
end
$$;

-- As before (0050), of requests in the order of their IDs.
create or replace function order_stages(request_ids uuid[]) returns void
  language plpgsql
  set vividly.merging = 'on'
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  update request_stages s
  set stage_order = o.stage_order, max_retries = o.max_retries
  from (
    select t.request_id, t.stage_name, coalesce(d.stage_order, unknown_stage_order()) as stage_order,
      coalesce(t.said_max_retries, d.max_retries, 3) as max_retries
    from content_requests r
    join request_stages t on t.request_id = r.id
    left join pipeline_stage_definitions d on (d.pipeline_name, d.stage_name) = (r.pipeline_name, t.stage_name)
    where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id
      and t.request_id = any (request_ids) and t.request_id >= first_id and t.request_id <= last_id
  ) o
  where s.request_id = any (request_ids) and s.request_id >= first_id and s.request_id <= last_id
    and (s.request_id, s.stage_name) = (o.request_id, o.stage_name)
    and (s.stage_order, s.max_retries) <> (o.stage_order, o.max_retries);
end
$$;

-- Locks request rows in the order of their IDs, so that writers can't wait for each other in a ring.
create or replace function lock_requests(request_ids uuid[]) returns void
  language plpgsql as $$
declare
  ordered uuid[] := array_sort(request_ids);
  first_id uuid := ordered[1];
  last_id uuid := ordered[cardinality(ordered)];
begin
  perform from content_requests where id = any (ordered) and id >= first_id and id <= last_id order by id for no key update;
end
$$;

-- Triggers look first whether there is anything to note: joining what changed costs ten times as much, whatever it finds.

create or replace function note_changed_ended() returns trigger
  language plpgsql as $$
begin
  if not exists (select from new_rows where outcome is not null) and not exists (select from old_rows where outcome is not null) then
    return null;
  end if;
  insert into ended_quarter_changes (quarter, organization_id, completed, failed, sum_seconds)
  select date_bin('15 minutes', coalesce(s.completed_at, s.failed_at), 'epoch') as quarter, s.organization_id,
    coalesce(sum(s.sign) filter (where s.completed_at is not null), 0),
    coalesce(sum(s.sign) filter (where s.failed_at is not null), 0),
    coalesce(sum(s.sign * s.total_duration_seconds) filter (where s.completed_at is not null), 0)
  from new_rows n
  join old_rows o on o.id = n.id
  cross join lateral (
    values (1, n.organization_id, n.completed_at, n.failed_at, n.total_duration_seconds),
      (-1, o.organization_id, o.completed_at, o.failed_at, o.total_duration_seconds)
  ) s (sign, organization_id, completed_at, failed_at, total_duration_seconds)
  where (n.outcome is not null or o.outcome is not null)
    and (n.organization_id, n.completed_at, n.failed_at, n.total_duration_seconds)
      is distinct from (o.organization_id, o.completed_at, o.failed_at, o.total_duration_seconds)
    and coalesce(s.completed_at, s.failed_at) >= todays_begin(now())
  group by grouping sets ((quarter), (quarter, s.organization_id))
  having grouping(s.organization_id) = 1 or s.organization_id is not null;
  return null;
end
$$;

create or replace function log_ended_requests() returns trigger
  language plpgsql as $$
begin
  if exists (select from new_rows where outcome is not null) then
    insert into ended_log (request_id, status, seconds, retries)
    select n.id, n.outcome, n.total_duration_seconds, n.retry_count
    from new_rows n join old_rows o using (id)
    where n.outcome is not null and o.outcome is null;
  end if;
  return null;
end
$$;

create or replace function log_ended_stages() returns trigger
  language plpgsql as $$
begin
  if exists (select from new_rows where stage_has_ended(status, next_attempt_at)) then
    insert into ended_log (request_id, stage_name, status, seconds, retries)
    select n.request_id, n.stage_name, n.status, n.duration_seconds, n.retry_count
    from new_rows n join old_rows o using (request_id, stage_name)
    where stage_has_ended(n.status, n.next_attempt_at) and not stage_has_ended(o.status, o.next_attempt_at);
  end if;
  return null;
end
$$;

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

-- The correlation ID that a trace ID of ours spells (32 lower-case hex digits), null for a foreign one. One expression, so that
-- Postgres inlines it: as a function of its own it took 12 µs. Stable, as what is inside is.
create or replace function own_correlation_id_of(trace_id text) returns text
  language sql stable parallel safe
  return case
    when starts_with(trace_id, 'c1d') and length(trace_id) = 32 and translate(substr(trace_id, 4, 13), '0123456789', '') = ''
      and translate(trace_id, '0123456789abcdef', '') = ''
      and substr(trace_id, 17, 8)
        = left(encode(sha256(convert_to('vvd_' || substr(trace_id, 4, 13) || '_' || right(trace_id, 8), 'UTF8')), 'hex'), 8)
    then 'vvd_' || substr(trace_id, 4, 13) || '_' || right(trace_id, 8)
  end;

-- What one batch has to know of its traces, each found out once.
drop function known_traces(text[], timestamptz);
create function known_traces(spans span_signal[], logs log_signal[], moment timestamptz) returns setof known_trace
  language sql stable
begin atomic
  select i.trace_id, i.request_id, i.own is not null,
    case
      when i.own_time < w.since then 'too_old' when i.own_time > w.until then 'too_far_ahead' when e.is_erased then 'erased'
    end,
    case
      when i.own_time < w.since then format('%s is older than what is kept: since %s', i.own, w.since)
      when i.own_time > w.until then format('%s lies more than a day ahead', i.own)
      when e.is_erased then 'the request was erased with its student'
    end
  from (
      select t.trace_id, t.own,
        case when t.own is not null then t.trace_id::uuid else request_id_of(t.trace_id) end as request_id,
        case when t.own is not null
          then timestamptz 'epoch' + substr(t.trace_id, 4, 13)::bigint * interval '1 millisecond' end as own_time
      from (
        select d.trace_id, own_correlation_id_of(d.trace_id) as own
        from (select s.trace_id from unnest(spans) s union select s.trace_id from unnest(logs) s) d
        where d.trace_id is not null
        offset 0
      ) t
      offset 0
    ) i,
    lateral (select exists (select from erased_requests x where x.request_id = i.request_id) as is_erased offset 0) e,
    (select accepted_since(moment) as since, accepted_until(moment) as until offset 0) w;
end;

-- Digests break ties among signals of one time, which are rare: a hash of 64 bits, for MD5 of the attributes' text takes
-- five times as long.

create or replace function event_digest(
  event_message text, severity event_severity, event_data jsonb, span_id text, source_service text, source_host text
) returns text
  language sql stable parallel safe
  return to_hex(hash_record_extended(row(event_message, severity, event_data, span_id, source_service, source_host), 0));

create or replace function span_digest(
  parent_span_id text, name text, kind smallint, status_code smallint, status_message text, started_at timestamptz,
  attributes jsonb, scope text, service text, host text, instance text
) returns text
  language sql stable parallel safe
  return to_hex(hash_record_extended(
    row(parent_span_id, name, kind, status_code, status_message, started_at, attributes, scope, service, host, instance), 0
  ));

-- The common form of what is taken: what is refused has been left out before.

drop function signals_of_spans(span_signal[], known_trace[]);
create function signals_of_spans(spans span_signal[], traces known_trace[]) returns setof tracked_signal
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
drop function signals_of_logs(log_signal[], known_trace[]);
create function signals_of_logs(logs log_signal[], traces known_trace[]) returns setof tracked_signal
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

-- The best claim to each field of each request among these signals.
create or replace function claims_in(signals tracked_signal[]) returns setof request_claim
  language sql stable
begin atomic
  select distinct on (c.request_id, c.field) c.request_id, c.field, c.us, c.digest, c.value
  from (
    select s.request_id, f.field, s.said_us as us, s.digest, f.value
    from unnest(signals) s,
      lateral (
        values
          ('pipeline', s.attributes -> 'vividly.pipeline.name'),
          ('organization', s.attributes -> 'vividly.organization.id')
      ) f (field, value)
    where s.attributes ?| array['vividly.pipeline.name', 'vividly.organization.id']
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

drop function best_claims(tracked_signal[], uuid[]);

-- As before (0053), from claims that were gathered once.
drop function record_requests(tracked_signal[], known_trace[], uuid[]);
create function record_requests(claims request_claim[], signals tracked_signal[], traces known_trace[], request_ids uuid[])
  returns setof uuid
  language plpgsql
as $$
declare
  fresh uuid[] := array(
    select n.request_id
    from (select unnest(request_ids) as request_id) n
    left join (
      select r.id from content_requests r
      where r.id = any (request_ids) and r.id >= request_ids[1] and r.id <= request_ids[cardinality(request_ids)]
    ) present on present.id = n.request_id
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
      from unnest(record_requests.claims) c
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

drop function record_request_claims(tracked_signal[], uuid[]);
create function record_request_claims(claims request_claim[], signals tracked_signal[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  best request_claim[];
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  if claims <> '{}' then
    best := array(
      select c
      from unnest(claims) c
      join content_requests r on r.id = c.request_id
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and claim_beats(c.us, c.digest, r.claims -> c.field)
    );
  end if;
  if best <> '{}' then
    return query
      update content_requests r
      set pipeline_name = coalesce(c.won ->> 'pipeline', r.pipeline_name),
        organization_id = coalesce(c.won ->> 'organization', r.organization_id),
        student_id = coalesce(c.won ->> 'student', r.student_id),
        topic = coalesce(c.won ->> 'topic', r.topic),
        learning_objective = coalesce(c.won ->> 'learning_objective', r.learning_objective),
        video_url = coalesce(c.won ->> 'video_url', r.video_url),
        thumbnail_url = coalesce(c.won ->> 'thumbnail_url', r.thumbnail_url),
        script_text = coalesce(c.won ->> 'script_text', r.script_text),
        reported_error = coalesce(c.won -> 'error', r.reported_error),
        claims = r.claims || c.claims
      from (
        select b.request_id, jsonb_object_agg(b.field, b.value) as won,
          jsonb_object_agg(b.field, jsonb_build_array(b.us, b.digest)) as claims
        from unnest(best) b
        group by b.request_id
      ) c
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = c.request_id
      returning r.id;
    if exists (select from unnest(best) b where b.field = 'pipeline') then
      perform order_stages(array(select b.request_id from unnest(best) b where b.field = 'pipeline' order by b.request_id));
    end if;
  end if;
  -- A foreign trace was created when it was first seen.
  if exists (select from unnest(request_ids) id where not has_identity_time(id)) then
    return query
      update content_requests r
      set created_at = e.seen_at
      from (
        select s.request_id, timestamp_of_us(min(s.started_us)) as seen_at
        from unnest(signals) s
        where not has_identity_time(s.request_id)
        group by s.request_id
      ) e
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = e.request_id and e.seen_at < r.created_at
      returning r.id;
  end if;
end
$$;

-- As before (0051).
create or replace function record_stages(signals tracked_signal[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  return query
    with said as materialized (
      select s.request_id, s.stage_name, s.outcome <> 'in_progress' as has_ended, s.said_us, s.digest, s.error, s.service, s.instance,
        8 * s.attempt + case s.outcome when 'in_progress' then 1 when 'skipped' then 2 when 'failed' then 3 else 4 end as level,
        case when s.is_span or s.outcome = 'in_progress' then s.started_us end as started_us,
        case when s.attributes ? 'vividly.stage.output' then output_attribute(s.attributes) end as output,
        said_max_retries_of(s.attributes) as max_retries,
        case when s.kind = 'retry'
          then s.said_us + 1000 * integer_attribute(s.attributes, 'vividly.retry.delay_ms', 0) end as next_attempt_us
      from unnest(signals) s
      where s.stage_name is not null and s.outcome is not null and (s.kind in ('stage', 'retry') or starts_with(s.kind, 'stage_'))
    ),
    -- The worker is who said the furthest first.
    folded as (
      select distinct on (s.request_id, s.stage_name) s.request_id, s.stage_name, s.level,
        s.said_us as worker_us, s.digest as worker_digest, s.service, s.instance,
        min(s.started_us) over stage as started_us,
        max(array[s.level, s.said_us]) filter (where s.has_ended) over stage as ended,
        max(s.max_retries) over stage as max_retries,
        max(array[s.level, s.next_attempt_us]) filter (where s.next_attempt_us is not null) over stage as next_attempt
      from said s
      window stage as (partition by s.request_id, s.stage_name)
      order by s.request_id, s.stage_name, s.level desc, s.said_us, s.digest
    ),
    failed as (
      select distinct on (s.request_id, s.stage_name) s.request_id, s.stage_name, s.level, s.said_us, s.digest, s.error
      from said s
      where s.error is not null
      order by s.request_id, s.stage_name, s.level desc, s.said_us, s.digest
    ),
    yielded as (
      select distinct on (s.request_id, s.stage_name) s.request_id, s.stage_name, s.level, s.said_us, s.digest, s.output
      from said s
      where s.output is not null
      order by s.request_id, s.stage_name, s.level desc, s.said_us, s.digest
    ),
    -- Locked, for a direct write of a stage does not lock its request first.
    present as materialized (
      select p.*, 8 * p.attempt + stage_rank(p.status) as level
      from request_stages p
      where p.request_id = any (request_ids) and p.request_id >= first_id and p.request_id <= last_id
      for no key update
    ),
    merging as materialized (
      select f.request_id, f.stage_name, f.level, f.worker_us, f.worker_digest, f.service, f.instance,
        timestamp_of_us(f.started_us) as started_at,
        case when f.ended[1] = f.level then timestamp_of_us(f.ended[2]) end as completed_at,
        f.max_retries as said_max_retries,
        case when f.next_attempt[1] = f.level then timestamp_of_us(f.next_attempt[2]) end as next_attempt_at,
        e.said_us as error_us, e.digest as error_digest, e.error, o.said_us as output_us, o.digest as output_digest, o.output,
        p.started_at as old_started_at,
        p.said_max_retries as old_said_max_retries, p.attempt as old_attempt, p.status as old_status,
        p.completed_at as old_completed_at, p.next_attempt_at as old_next_attempt_at, p.output_data, p.error_message,
        p.error_details, p.worker_service, p.worker_instance, p.claims,
        p.request_id is null or f.level > p.level as is_ahead,
        f.level = p.level as is_level,
        case when p.request_id is null or f.level > p.level then '{}' else p.claims end as base_claims
      from folded f
      left join present p on p.request_id = f.request_id and p.stage_name = f.stage_name
      left join failed e on e.request_id = f.request_id and e.stage_name = f.stage_name and e.level = f.level
      left join yielded o on o.request_id = f.request_id and o.stage_name = f.stage_name and o.level = f.level
    ),
    taking as (
      select m.*,
        m.is_ahead or m.is_level as joins,
        (m.is_ahead or m.is_level) and m.error is not null
          and claim_beats(m.error_us, m.error_digest, m.base_claims -> 'error') as takes_error,
        (m.is_ahead or m.is_level) and m.output is not null
          and claim_beats(m.output_us, m.output_digest, m.base_claims -> 'output') as takes_output,
        (m.is_ahead or m.is_level) and claim_beats(m.worker_us, m.worker_digest, m.base_claims -> 'worker') as takes_worker
      from merging m
    ),
    changing as materialized (
      select * from taking m
      where m.is_ahead
        or m.started_at < m.old_started_at or (m.started_at is not null and m.old_started_at is null)
        or m.said_max_retries > m.old_said_max_retries or (m.said_max_retries is not null and m.old_said_max_retries is null)
        or m.is_level and (
          m.takes_error or m.takes_output or m.takes_worker
          or m.completed_at > m.old_completed_at or m.next_attempt_at is not null and m.next_attempt_at is distinct from m.old_next_attempt_at
        )
    ),
    pipeline as materialized (
      select r.id, r.pipeline_name from content_requests r
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id
    )
    insert into request_stages as s
      (request_id, stage_name, stage_order, status, attempt, started_at, completed_at, output_data, error_message,
        error_details, said_max_retries, max_retries, next_attempt_at, worker_service, worker_instance, claims)
    select m.request_id, m.stage_name, coalesce(d.stage_order, unknown_stage_order()),
      case when m.is_ahead then stage_status_of(m.level) else m.old_status end,
      greatest(m.level / 8, m.old_attempt),
      least(m.started_at, m.old_started_at),
      case when m.is_ahead then m.completed_at when m.is_level then greatest(m.completed_at, m.old_completed_at) else m.old_completed_at end,
      case when m.takes_output then m.output when not m.is_ahead then m.output_data end,
      case when m.takes_error then m.error ->> 'message' when not m.is_ahead then m.error_message end,
      case when m.takes_error then nullif(m.error -> 'details', 'null') when not m.is_ahead then m.error_details end,
      greatest(m.said_max_retries, m.old_said_max_retries),
      coalesce(greatest(m.said_max_retries, m.old_said_max_retries), d.max_retries, 3),
      case when m.is_ahead then m.next_attempt_at when m.is_level then greatest(m.next_attempt_at, m.old_next_attempt_at) else m.old_next_attempt_at end,
      case when m.takes_worker then m.service when not m.is_ahead then m.worker_service end,
      case when m.takes_worker then m.instance when not m.is_ahead then m.worker_instance end,
      case when m.joins then m.base_claims
          || case when m.takes_worker then jsonb_build_object('worker', jsonb_build_array(m.worker_us, m.worker_digest)) else '{}' end
          || case when m.takes_error then jsonb_build_object('error', jsonb_build_array(m.error_us, m.error_digest)) else '{}' end
          || case when m.takes_output then jsonb_build_object('output', jsonb_build_array(m.output_us, m.output_digest)) else '{}' end
        else m.claims end
    from changing m
    left join pipeline r on r.id = m.request_id
    left join pipeline_stage_definitions d on d.pipeline_name = r.pipeline_name and d.stage_name = m.stage_name
    on conflict (request_id, stage_name) do update
      set status = excluded.status, attempt = excluded.attempt, started_at = excluded.started_at,
        completed_at = excluded.completed_at, output_data = excluded.output_data, error_message = excluded.error_message,
        error_details = excluded.error_details, said_max_retries = excluded.said_max_retries, max_retries = excluded.max_retries,
        next_attempt_at = excluded.next_attempt_at, worker_service = excluded.worker_service,
        worker_instance = excluded.worker_instance, claims = excluded.claims
    returning s.request_id;
end
$$;

-- As before (0054); of the versions of one event the digest decides.
drop function record_events(tracked_signal[]);
create function record_events(signals tracked_signal[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  return query
    with own as (
      select s.request_id, event_id_of(s.kind, s.stage_name, case when s.stage_name is not null then s.attempt end, s.uid, s.digest) as id,
        s.kind as event_type, s.message as event_message, s.stage_name,
        case when s.stage_name is not null then s.attempt end as attempt, s.severity, s.said_us,
        s.attributes - array['user.full_name', 'vividly.request.script_text', 'log.record.uid', 'vividly.stage.name', 'vividly.stage.attempt']
          as event_data,
        s.span_id, s.service as source_service, s.host as source_host, false as is_derived
      from unnest(signals) s
      where not s.is_span and s.request_id is not null and s.kind <> 'circuit_breaker_status'
    ),
    -- The life-cycle events of spans, so that a client that sends spans alone has a timeline too.
    implied as (
      select s.request_id, s.stage_name, s.outcome, s.error, s.severity, s.span_id, s.service, s.host, v.is_start,
        case when v.is_start then s.started_us else s.said_us end as said_us,
        case when s.kind = 'stage' then s.attempt end as event_attempt,
        case
          when s.kind = 'stage' then 'stage_' || case when v.is_start then 'started' else s.outcome end
          else 'request_' || case when v.is_start then 'created' else s.outcome end
        end as event_type
      from unnest(signals) s
      cross join (values (true), (false)) v (is_start)
      where s.is_span and s.kind in ('stage', 'root')
    ),
    identified as (
      select i.*, event_id_of(i.event_type, i.stage_name, i.event_attempt, null, null) as id from implied i offset 0
    ),
    chosen as (
      select distinct on (e.request_id, e.id) e.*
      from (
        select * from own
        union all
        select i.request_id, i.id, i.event_type,
          case
            when not i.is_start and i.error ->> 'message' is not null then i.error ->> 'message'
            when i.stage_name is not null then 'Stage ' || i.stage_name || ' ' || case when i.is_start then 'started' else i.outcome end
            else 'Request ' || case when i.is_start then 'created' else i.outcome end
          end,
          i.stage_name, i.event_attempt, case when i.is_start then 'info' else i.severity end, i.said_us,
          case when i.is_start then '{}' else raw_attributes(coalesce(nullif(i.error -> 'details', 'null'), '{}')) end,
          i.span_id, i.service, i.host, true
        from identified i
        where (
          select e.is_derived from request_events e
          where e.request_id = i.request_id and e.id = i.id and e.request_id >= first_id and e.request_id <= last_id
        ) is distinct from false
      ) e
      order by e.request_id, e.id, e.is_derived, case when e.event_type = 'stage_heartbeat' then -e.said_us else e.said_us end,
        event_digest(e.event_message, e.severity, e.event_data, e.span_id, e.source_service, e.source_host)
    )
    insert into request_events as e
      (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived)
    select
      c.request_id, c.id, c.event_type, c.event_message, c.stage_name, c.attempt, c.severity, timestamp_of_us(c.said_us), c.event_data,
      c.span_id, c.source_service, c.source_host, c.is_derived
    from chosen c
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
end
$$;

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

  traces := array(select t from known_traces(spans, logs, moment) t);
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
