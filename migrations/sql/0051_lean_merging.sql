-- Merging in sets: each function takes all signals of a batch in one statement, drops first what cannot change anything,
-- and compares with what is stored by joins. What they store is what they stored before.

-- What one batch has to know of a trace, found out once.
create or replace function known_traces(trace_ids text[], moment timestamptz) returns setof known_trace
  language sql stable
begin atomic
  select t.trace_id, case when o.own is not null then t.trace_id::uuid else request_id_of(t.trace_id) end, o.own is not null,
    case when i.own_time < w.since then 'too_old' when i.own_time > w.until then 'too_far_ahead' end,
    case
      when i.own_time < w.since then format('%s is older than what is kept: since %s', o.own, w.since)
      when i.own_time > w.until then format('%s lies more than a day ahead', o.own)
    end
  from (select distinct unnest(trace_ids) as trace_id) t,
    lateral (select own_correlation_id_of(t.trace_id) as own offset 0) o,
    lateral (
      select case when o.own is not null
        then timestamptz 'epoch' + substr(t.trace_id, 4, 13)::bigint * interval '1 millisecond' end as own_time
    ) i,
    (select accepted_since(moment) as since, accepted_until(moment) as until offset 0) w
  where t.trace_id is not null;
end;

-- An attribute as a whole number, the fallback where it is none: a client's mistake must not break a batch.
create or replace function integer_attribute(attributes jsonb, name text, fallback bigint) returns bigint
  language sql immutable parallel safe
  return case
    when attributes ->> name <> '' and length(attributes ->> name) <= 15 and translate(attributes ->> name, '0123456789', '') = ''
    then (attributes ->> name)::bigint
    else fallback
  end;

-- max_attempts - 1, null where the service says none.
create or replace function said_max_retries_of(attributes jsonb) returns integer
  language sql immutable parallel safe
  return nullif(
    case
      when length(attributes ->> 'vividly.stage.max_attempts') <= 6 and not starts_with(attributes ->> 'vividly.stage.max_attempts', '0')
      then integer_attribute(attributes, 'vividly.stage.max_attempts', 0)::integer
      else 0
    end - 1,
    -1
  );

-- Whether (us, digest) has a better claim than the one stored, [us, "digest"] or null.
create function claim_beats(us bigint, digest text, stored jsonb) returns boolean
  language sql immutable parallel safe
  return stored is null or (us, digest) < ((stored ->> 0)::bigint, stored ->> 1);

-- Rows for requests not seen before, in the order of their IDs; write_derived_fields fills them.
create function record_requests(signals tracked_signal[], traces known_trace[], request_ids uuid[]) returns void
  language plpgsql
as $$
begin
  with created as (
    insert into content_requests (id, foreign_trace_id, created_at)
    select n.request_id, nullif(n.trace_id, replace(n.request_id::text, '-', '')),
      coalesce(
        identity_time_of(n.request_id),
        (select timestamp_of_us(min(s.started_us)) from unnest(signals) s where s.request_id = n.request_id)
      )
    from (
      select t.request_id, max(t.trace_id) as trace_id
      from unnest(traces) t
      where t.request_id in (select unnest(request_ids))
      group by t.request_id
    ) n
    left join (select r.id from content_requests r where r.id = any (request_ids)) present on present.id = n.request_id
    where present.id is null
    order by n.request_id
    on conflict do nothing
    returning id, status
  )
  insert into request_status_changes (request_id, to_status) select id, status from created;
end
$$;

-- The best claim to each field of each request, as far as it beats what is stored.
create type request_claim as (request_id uuid, field text, us bigint, digest text, value jsonb);

create function best_claims(signals tracked_signal[], request_ids uuid[]) returns setof request_claim
  language sql stable
begin atomic
  with claim as (
    select s.request_id, 'pipeline' as field, s.said_us as us, s.digest, s.attributes -> 'vividly.pipeline.name' as value
    from unnest(signals) s
    where s.attributes ? 'vividly.pipeline.name' and s.request_id is not null
    union all
    select s.request_id, 'organization', s.said_us, s.digest, s.attributes -> 'vividly.organization.id'
    from unnest(signals) s
    where s.attributes ? 'vividly.organization.id' and s.request_id is not null
    union all
    select s.request_id, c.field, s.said_us, s.digest, c.value
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
      ) c (field, value)
    where s.request_id is not null and (s.kind = 'root' or starts_with(s.kind, 'request_'))
  ),
  best as (
    select distinct on (request_id, field) request_id, field, us, digest, value
    from claim
    where value <> 'null'
    order by request_id, field, us, digest
  )
  select b.request_id, b.field, b.us, b.digest, b.value
  from best b
  join content_requests r on r.id = b.request_id
  where r.id = any (request_ids) and claim_beats(b.us, b.digest, r.claims -> b.field);
end;

create function record_request_claims(signals tracked_signal[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  best request_claim[] := array(select c from best_claims(signals, request_ids) c);
begin
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
      where r.id = any (request_ids) and r.id = c.request_id
      returning r.id;
    perform order_stages(array(select b.request_id from unnest(best) b where b.field = 'pipeline'));
  end if;
  -- A foreign trace was created when it was first seen.
  if exists (select from unnest(signals) s where not has_identity_time(s.request_id)) then
    return query
      update content_requests r
      set created_at = e.seen_at
      from (
        select s.request_id, timestamp_of_us(min(s.started_us)) as seen_at
        from unnest(signals) s
        where not has_identity_time(s.request_id)
        group by s.request_id
      ) e
      where r.id = any (request_ids) and r.id = e.request_id and e.seen_at < r.created_at
      returning r.id;
  end if;
end
$$;

-- The level of what is said of a stage is 8 × attempt + rank of the state: the greatest counts.
create function stage_status_of(level integer) returns stage_status
  language sql immutable parallel safe
  return case level % 8 when 1 then 'in_progress' when 2 then 'skipped' when 3 then 'failed' when 4 then 'completed' else 'pending' end::stage_status;

create function record_stages(signals tracked_signal[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
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
      where p.request_id = any (request_ids)
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
      select r.id, r.pipeline_name from content_requests r where r.id = any (request_ids)
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

-- Of the versions of one event within the batch the digest decides only where there are several: it costs more than all else.
create or replace function record_events(signals tracked_signal[]) returns setof uuid
  language plpgsql
as $$
begin
  return query
    with own as (
      select s.request_id, event_id_of(s.kind, s.stage_name, case when s.stage_name is not null then s.attempt end, s.uid, s.digest) as id,
        s.kind as event_type, s.message as event_message, s.stage_name,
        case when s.stage_name is not null then s.attempt end as attempt, s.severity, timestamp_of_us(s.said_us) as created_at,
        s.attributes - array['user.full_name', 'vividly.request.script_text', 'log.record.uid', 'vividly.stage.name', 'vividly.stage.attempt']
          as event_data,
        s.span_id, s.service as source_service, s.host as source_host, false as is_derived
      from unnest(signals) s
      where not s.is_span and s.request_id is not null and s.kind <> 'circuit_breaker_status'
    ),
    -- One that a service told already is no news.
    implied as (
      select i.request_id, n.id, i.kind as event_type, i.message as event_message, i.stage_name, n.attempt, i.severity,
        timestamp_of_us(i.said_us) as created_at, raw_attributes(i.attributes) as event_data, i.span_id,
        i.service as source_service, i.host as source_host, true as is_derived
      from implied_events(signals) i,
        lateral (
          select a.attempt, event_id_of(i.kind, i.stage_name, a.attempt, i.uid, i.digest) as id
          from (select case when i.stage_name is not null then i.attempt end as attempt) a
          offset 0
        ) n
      where (select e.is_derived from request_events e where e.request_id = i.request_id and e.id = n.id) is distinct from false
    ),
    counted as (
      select e.*, count(*) over (partition by e.request_id, e.id) > 1 as has_others
      from (select * from own union all select * from implied) e
    ),
    chosen as (
      select distinct on (e.request_id, e.id) e.*
      from counted e
      order by e.request_id, e.id, e.is_derived, event_sort_us(e.event_type, e.created_at),
        case when e.has_others then event_digest(e.event_message, e.severity, e.event_data, e.span_id, e.source_service, e.source_host) end
    )
    insert into request_events as e
      (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived)
    select
      c.request_id, c.id, c.event_type, c.event_message, c.stage_name, c.attempt, c.severity, c.created_at, c.event_data, c.span_id,
      c.source_service, c.source_host, c.is_derived
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

-- The least (end, digest) of a span stays.
create or replace function record_spans(spans span_signal[], traces known_trace[]) returns setof uuid
  language plpgsql
as $$
begin
  return query
    with span as (
      select
        i.request_id, s.span_id, s.parent_span_id, s.name, s.kind, s.status_code, s.status_message,
        timestamp_of_us(s.started_us) as started_at, timestamp_of_us(s.ended_us) as ended_at,
        raw_attributes(s.attributes) as attributes, s.scope, s.service, s.host, s.instance,
        count(*) over (partition by i.request_id, s.span_id) > 1 as has_others
      from unnest(spans) s
      join unnest(traces) i on i.trace_id = s.trace_id
      where is_tracked(i, s.attributes, '') and refusal_of(i, s.attributes) is null
    ),
    chosen as (
      select distinct on (s.request_id, s.span_id) s.*
      from span s
      order by s.request_id, s.span_id, s.ended_at,
        case when s.has_others then span_digest(s.parent_span_id, s.name, s.kind, s.status_code, s.status_message, s.started_at,
          s.attributes, s.scope, s.service, s.host, s.instance) end
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
