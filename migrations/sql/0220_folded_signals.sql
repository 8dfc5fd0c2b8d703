-- Batches come folded: what their signals say of one request, stage, event or span is one row already, read and joined by the
-- tracker (ADR 055). What is left to the database is to join that with what is stored and to derive what follows.
--
-- All rows are JSON arrays. A request is named by its place among the batch's requests, from 1; those are in the order of their IDs, so
-- that nobody waits in a ring. Times are microseconds since the epoch.
-- The functions that fold by themselves stay for a tracker of the release before.

-- Requests of which nothing may be recorded, and why.
create function unwelcome_requests(ids uuid[], moment timestamptz)
  returns table (request_id uuid, reason text, detail text, owner text)
  language sql stable
begin atomic
  select r.id,
    case when r.own_time < w.since then 'too_old' when r.own_time > w.until then 'too_far_ahead' else 'erased' end,
    case
      when r.own_time < w.since then format('%s is older than what is kept: since %s', correlation_id_of(r.id), w.since)
      when r.own_time > w.until then format('%s lies more than a day ahead', correlation_id_of(r.id))
      else 'the request was erased with its student'
    end,
    null::text
  from (select i.id, identity_time_of(i.id) as own_time from unnest(ids) i (id) offset 0) r,
    lateral (select exists (select from erased_requests x where x.request_id = r.id) as is_erased offset 0) e,
    (select accepted_since(moment) as since, accepted_until(moment) as until offset 0) w
  where r.own_time < w.since or r.own_time > w.until or e.is_erased;
end;

-- Requests that belong to another organization than those whose tokens tell of them. `owners`: [request_id, [owner, …]]; a
-- request that nobody began belongs to the least. The caller holds the lock of each.
create function foreign_requests(owners jsonb) returns table (request_id uuid, reason text, detail text, owner text)
  language sql stable
begin atomic
  select o.id, 'foreign_request', 'the request is not of the token''s organization', b.owner
  from (select (o ->> 0)::uuid as id, o -> 1 as said from jsonb_array_elements(owners) o offset 0) o
  left join content_requests r on r.id = o.id,
    lateral (
      select case when r.id is null then (select min(s.owner) from jsonb_array_elements_text(o.said) s (owner)) else coalesce(r.organization_id, '') end as owner
    ) b
  where exists (select from jsonb_array_elements_text(o.said) s (owner) where s.owner <> b.owner);
end;

-- Requests that are not there yet, whole. `requests`: [ID, foreign trace ID, us when first seen]; `claims`: [request, {field: value},
-- {field: [us, digest]}].
create function create_requests(requests jsonb, claims jsonb, request_ids uuid[], fresh uuid[]) returns setof uuid
  language plpgsql
as $$
begin
  return query
    with created as (
      insert into content_requests
        (id, foreign_trace_id, created_at, pipeline_name, organization_id, student_id, topic, learning_objective, video_url,
          thumbnail_url, script_text, reported_error, claims)
      select n.id, n.foreign_trace_id, coalesce(identity_time_of(n.id), timestamp_of_us(n.seen_us)),
        coalesce(c.won ->> 'pipeline', 'content_generation'), c.won ->> 'organization', c.won ->> 'student', c.won ->> 'topic',
        c.won ->> 'learning_objective', c.won ->> 'video_url', c.won ->> 'thumbnail_url', c.won ->> 'script_text',
        c.won -> 'error', coalesce(c.claims, '{}')
      from (
        select (r ->> 0)::uuid as id, r ->> 1 as foreign_trace_id, (r ->> 2)::bigint as seen_us from jsonb_array_elements(requests) r
      ) n
      left join (
        select request_ids[(c -> 0)::integer] as id, c -> 1 as won, c -> 2 as claims from jsonb_array_elements(create_requests.claims) c
      ) c on c.id = n.id
      where n.id = any (fresh)
      order by n.id
      on conflict do nothing
      returning id, status
    ),
    logged as (
      insert into request_status_changes (request_id, to_status) select id, status from created
    )
    select id from created;
end
$$;

-- The claims that beat what is stored; nothing is written for those that don't.
create function join_claims(claims jsonb, request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
  best jsonb := (
    select jsonb_agg(jsonb_build_array(r.id, b.won, b.claims) order by r.id)
    from (
      select request_ids[(c -> 0)::integer] as id, c -> 1 as won, c -> 2 as claims from jsonb_array_elements(join_claims.claims) c
    ) c
    join content_requests r on r.id = c.id,
      lateral (
        select jsonb_object_agg(f.key, c.won -> f.key) as won, jsonb_object_agg(f.key, f.value) as claims
        from jsonb_each(c.claims) f
        where claim_beats((f.value ->> 0)::bigint, f.value ->> 1, r.claims -> f.key)
      ) b
    where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and b.won is not null
  );
begin
  if best is null then
    return;
  end if;
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
    from (select (c ->> 0)::uuid as id, c -> 1 as won, c -> 2 as claims from jsonb_array_elements(best) c) c
    where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = c.id
    returning r.id;
  if exists (select from jsonb_array_elements(best) b where b -> 1 ? 'pipeline') then
    perform order_stages(array(select (b ->> 0)::uuid from jsonb_array_elements(best) b where b -> 1 ? 'pipeline'));
  end if;
end
$$;

-- A span carries a map as a JSON string.
create function output_of(output jsonb) returns jsonb
  language sql stable parallel safe
  return case
    when jsonb_typeof(output) = 'string' and pg_input_is_valid(output #>> '{}', 'jsonb') then (output #>> '{}')::jsonb
    else output
  end;

-- What was told of stages, with what is stored: the greatest of (attempt, rank, end), and each word of those at that level from the
-- least (time, digest). `stages`: the fields below in their order; `level` is 8 × attempt + rank, and what
-- belongs to an end, an error, an output or a next attempt was told at that level.
create function join_stages(stages jsonb, request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  return query
    with told as materialized (
      select request_ids[(s -> 0)::integer] as request_id, s ->> 1 as stage_name, (s -> 2)::integer as level,
        timestamp_of_us((s ->> 3)::bigint) as started_at, timestamp_of_us((s ->> 4)::bigint) as completed_at,
        (s ->> 5)::integer as said_max_retries, timestamp_of_us((s ->> 6)::bigint) as next_attempt_at,
        (s -> 7)::bigint as worker_us, s ->> 8 as worker_digest, s -> 9 ->> 0 as service, s -> 9 ->> 1 as instance,
        (s ->> 10)::bigint as error_us, s ->> 11 as error_digest, s -> 12 as error,
        (s ->> 13)::bigint as output_us, s ->> 14 as output_digest, output_of(s -> 15) as output
      from jsonb_array_elements(stages) s
    ),
    -- Locked, for a direct write of a stage does not lock its request first.
    present as materialized (
      select p.*, 8 * p.attempt + stage_rank(p.status) as level
      from request_stages p
      where p.request_id = any (request_ids) and p.request_id >= first_id and p.request_id <= last_id
      for no key update
    ),
    merging as materialized (
      select f.*, p.started_at as old_started_at,
        p.said_max_retries as old_said_max_retries, p.attempt as old_attempt, p.status as old_status,
        p.completed_at as old_completed_at, p.next_attempt_at as old_next_attempt_at, p.output_data, p.error_message,
        p.error_details, p.worker_service, p.worker_instance, p.claims,
        p.request_id is null or f.level > p.level as is_ahead,
        f.level = p.level as is_level,
        case when p.request_id is null or f.level > p.level then '{}' else p.claims end as base_claims
      from told f
      left join present p on p.request_id = f.request_id and p.stage_name = f.stage_name
    ),
    taking as (
      select m.*,
        m.is_ahead or m.is_level as joins,
        (m.is_ahead or m.is_level) and m.error_us is not null
          and claim_beats(m.error_us, m.error_digest, m.base_claims -> 'error') as takes_error,
        (m.is_ahead or m.is_level) and m.output_us is not null
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

-- Each event once. Of its versions the least (is_derived, event_sort_us, event_digest) is kept; one that was derived from a span is
-- left out where a service told it itself.
create function join_events(events jsonb, request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  return query
    insert into request_events as e
      (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived)
    select t.request_id, t.id, s ->> 2, s ->> 3, s ->> 4, (s ->> 5)::integer, (s ->> 6)::event_severity,
      timestamp_of_us((s -> 7)::bigint), s -> 8, s ->> 9, s ->> 10, s ->> 11, t.is_derived
    from (
      select request_ids[(s -> 0)::integer] as request_id, (s ->> 1)::uuid as id, (s -> 12)::boolean as is_derived, s
      from jsonb_array_elements(events) s
      offset 0
    ) t
    where not t.is_derived or (
      select e.is_derived from request_events e
      where e.request_id = t.request_id and e.id = t.id and e.request_id >= first_id and e.request_id <= last_id
    ) is distinct from false
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

-- Of versions of one event that have the same rank: the one with the least digest.
create function least_events(events jsonb) returns jsonb
  language sql stable
begin atomic
  select coalesce(jsonb_agg(e.s), '[]')
  from (
    select distinct on (s -> 0, s ->> 1) s
    from jsonb_array_elements(events) s
    order by s -> 0, s ->> 1, event_digest(s ->> 3, (s ->> 6)::event_severity, s -> 8, s ->> 9, s ->> 10, s ->> 11)
  ) e;
end;

-- Each span once; of its versions the least (ended_at, span_digest) is kept.
create function join_spans(spans jsonb, request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
begin
  return query
    insert into request_spans as p
      (request_id, span_id, parent_span_id, name, kind, status_code, status_message, started_at, ended_at, attributes, scope,
        source_service, source_host, source_instance)
    select request_ids[(s -> 0)::integer], s ->> 1, s ->> 2, s ->> 3, (s -> 4)::smallint, (s -> 5)::smallint, s ->> 6,
      timestamp_of_us((s -> 7)::bigint), timestamp_of_us((s -> 8)::bigint), s -> 9, s ->> 10, s ->> 11, s ->> 12, s ->> 13
    from jsonb_array_elements(spans) s
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

create function least_spans(spans jsonb) returns jsonb
  language sql stable
begin atomic
  select coalesce(jsonb_agg(p.s), '[]')
  from (
    select distinct on (s -> 0, s ->> 1) s
    from jsonb_array_elements(spans) s
    order by s -> 0, s ->> 1, span_digest(s ->> 2, s ->> 3, (s -> 4)::smallint, (s -> 5)::smallint, s ->> 6,
      timestamp_of_us((s -> 7)::bigint), s -> 9, s ->> 10, s ->> 11, s ->> 12, s ->> 13)
  ) p;
end;

-- Of the names of a student the latest is kept. `students`: [organization, student_id, full_name, us].
create function join_students(students jsonb) returns void
  language sql
begin atomic
  insert into students as t (organization_id, student_id, full_name, named_at)
  select s ->> 0, s ->> 1, s ->> 2, timestamp_of_us((s -> 3)::bigint)
  from jsonb_array_elements(students) s
  on conflict (organization_id, student_id) do update
    set full_name = excluded.full_name, named_at = excluded.named_at
    where (excluded.named_at, excluded.full_name) > (t.named_at, t.full_name);
end;

-- Records a folded batch, all of it or nothing: nothing where it answers with requests of which nothing may be recorded
-- (of those with an owner: by others than that owner). `others` are requests of whose signals none is of concern. `events` and `spans` are two
-- lists each: of which no two have one key, and versions of the same rank as one of those.
create function record_folded_signals(
  requests jsonb, others uuid[], owners jsonb, claims jsonb, stages jsonb, events jsonb, spans jsonb, students jsonb, breakers jsonb, refusals jsonb
)
  returns table (request_id uuid, reason text, detail text, owner text)
  language plpgsql
  set vividly.merging = 'on'
  -- As in write_derived_fields.
  set plan_cache_mode = force_generic_plan
  set enable_nestloop = off
  set enable_seqscan = off
as $$
declare
  request_ids uuid[];
  fresh uuid[];
  -- Requests whose row or stages changed, and those of which something was told.
  changed uuid[] := '{}';
  told uuid[] := '{}';
  signals tracked_signal[];
begin
  if owners <> '[]' then
    perform pg_advisory_xact_lock(hashtextextended(o ->> 0, 31)) from jsonb_array_elements(owners) o;
    return query select * from foreign_requests(owners);
    if found then
      return;
    end if;
  end if;
  request_ids := array(select (r ->> 0)::uuid from jsonb_array_elements(requests) r);
  return query select * from unwelcome_requests(request_ids || others, now());
  if found then
    return;
  end if;

  if request_ids <> '{}' then
    fresh := array(
      select n.id
      from (select unnest(request_ids) as id) n
      left join (
        select r.id from content_requests r
        where r.id = any (request_ids) and r.id >= request_ids[1] and r.id <= request_ids[cardinality(request_ids)]
      ) present on present.id = n.id
      where present.id is null
    );
    if fresh <> '{}' then
      changed := array(select create_requests(requests, claims, request_ids, fresh));
    end if;
    perform lock_requests(request_ids);
    if claims <> '[]' and cardinality(changed) < cardinality(request_ids) then
      changed := changed || array(select join_claims(claims, request_ids));
    end if;
    if not has_identity_time(request_ids[1]) or not has_identity_time(request_ids[cardinality(request_ids)]) then
      changed := changed || array(select date_foreign_requests(requests, request_ids));
    end if;
    if stages <> '[]' then
      changed := changed || array(select join_stages(stages, request_ids));
    end if;
    if events -> 0 <> '[]' then
      told := array(select join_events(events -> 0, request_ids));
    end if;
    if events -> 1 <> '[]' then
      told := told || array(select join_events(least_events(events -> 1), request_ids));
    end if;
    if spans -> 0 <> '[]' then
      told := told || array(select join_spans(spans -> 0, request_ids));
    end if;
    if spans -> 1 <> '[]' then
      told := told || array(select join_spans(least_spans(spans -> 1), request_ids));
    end if;
    if students <> '[]' then
      perform join_students(students);
    end if;
    if changed <> '{}' then
      perform write_derived_fields(array(select distinct id from unnest(changed) id order by id));
    end if;
    told := array(select id from unnest(told) id except select id from unnest(changed) id order by id);
    if told <> '{}' then
      perform note_told(told);
    end if;
  end if;
  if breakers <> '[]' then
    signals := array(
      select row(null, b ->> 0, false, null, 1, (b -> 1)::bigint, (b -> 1)::bigint, null, null, null, 'info', null, null, b -> 2, b ->> 3,
        b ->> 4, b ->> 5, b ->> 6)::tracked_signal
      from jsonb_array_elements(breakers) b
    );
    perform record_circuit_breakers(signals);
  end if;
  if refusals <> '[]' then
    insert into dead_letters (signal, reason, detail, organization_id, payload)
    select r.signal, r.reason, r.detail, r.payload -> 'attributes' ->> 'vividly.organization.id', r.payload
    from jsonb_populate_recordset(null::signal_refusal, refusals) r;
  end if;
end
$$;

-- A foreign trace was created when it was first seen.
create function date_foreign_requests(requests jsonb, request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  return query
    update content_requests r
    set created_at = timestamp_of_us(e.seen_us)
    from (select (r ->> 0)::uuid as id, (r ->> 2)::bigint as seen_us from jsonb_array_elements(requests) r) e
    where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = e.id and not has_identity_time(r.id)
      and timestamp_of_us(e.seen_us) < r.created_at
    returning r.id;
end
$$;
