-- Each of the following takes signals of requests whose rows the caller has locked, merges them into one table and
-- returns the requests in which that changed something. Nothing changes when everything was seen before.

-- Rows for requests not seen before, in the order of their IDs; derive_requests fills them.
create function record_requests(signals tracked_signal[], traces known_trace[]) returns void
  language sql
begin atomic
  with created as (
    insert into content_requests (id, foreign_trace_id, created_at)
    select s.request_id,
      nullif(max(t.trace_id), replace(s.request_id::text, '-', '')),
      coalesce(identity_time_of(s.request_id), timestamp_of_us(min(s.started_us)))
    from unnest(signals) s join unnest(traces) t using (request_id)
    group by s.request_id
    order by s.request_id
    on conflict do nothing
    returning id, status
  )
  insert into request_status_changes (request_id, to_status) select id, status from created;
end;

create function record_request_claims(signals tracked_signal[]) returns setof uuid
  language sql
begin atomic
  with claim as (
    select distinct on (s.request_id, c.field) s.request_id, c.field, jsonb_build_array(s.said_us, s.digest, c.value) as claim
    from unnest(signals) s,
      lateral (
        values
          ('pipeline', s.attributes -> 'vividly.pipeline.name'),
          ('organization', s.attributes -> 'vividly.organization.id')
        union all
        select field, value from (
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
        ) request_level (field, value)
        where s.kind = 'root' or starts_with(s.kind, 'request_')
      ) c (field, value)
    where c.value <> 'null'
    order by s.request_id, c.field, s.said_us, s.digest
  ),
  claimed as (
    select request_id, jsonb_object_agg(field, claim) as claims from claim group by request_id
  ),
  earliest as (
    select request_id, timestamp_of_us(min(started_us)) as seen_at
    from unnest(signals) where not has_identity_time(request_id) group by request_id
  )
  update content_requests r
  set pipeline_name = claimed_text(r.pipeline_name, r.claims, c.claims, 'pipeline'),
    organization_id = claimed_text(r.organization_id, r.claims, c.claims, 'organization'),
    student_id = claimed_text(r.student_id, r.claims, c.claims, 'student'),
    topic = claimed_text(r.topic, r.claims, c.claims, 'topic'),
    learning_objective = claimed_text(r.learning_objective, r.claims, c.claims, 'learning_objective'),
    video_url = claimed_text(r.video_url, r.claims, c.claims, 'video_url'),
    thumbnail_url = claimed_text(r.thumbnail_url, r.claims, c.claims, 'thumbnail_url'),
    script_text = claimed_text(r.script_text, r.claims, c.claims, 'script_text'),
    reported_error = claimed_json(r.reported_error, r.claims, c.claims, 'error'),
    claims = merged_claims(r.claims, c.claims),
    created_at = least(r.created_at, c.seen_at)
  from (
    select request_id, coalesce(c.claims, '{}') as claims, e.seen_at
    from claimed c full join earliest e using (request_id)
  ) c
  where r.id = any (array(select request_id from unnest(signals)))
    and r.id = c.request_id
    and (merged_claims(r.claims, c.claims) <> r.claims or c.seen_at < r.created_at)
  returning r.id;
end;

create function claim_of(field text, claim jsonb) returns jsonb
  language sql immutable parallel safe
  return case when claim is null then '{}'::jsonb else jsonb_build_object(field, claim) end;

create function record_stages(signals tracked_signal[]) returns setof uuid
  language sql
begin atomic
  with said as (
    select s.request_id, s.stage_name, s.attempt, s.outcome::stage_status as status,
      case when s.is_span or s.outcome = 'in_progress' then s.started_us end as started_us,
      case when s.outcome <> 'in_progress' then s.said_us end as ended_us,
      s.said_us, s.digest, s.error, output_attribute(s.attributes) as output,
      jsonb_build_array(s.service, s.instance) as worker,
      said_max_retries_of(s.attributes) as max_retries,
      case when s.kind = 'retry'
        then s.said_us + 1000 * integer_attribute(s.attributes, 'vividly.retry.delay_ms', 0) end as next_attempt_us
    from unnest(signals) s
    where s.stage_name is not null and s.outcome is not null and (s.kind in ('stage', 'retry') or starts_with(s.kind, 'stage_'))
  ),
  ranked as (
    select *, rank() over (partition by request_id, stage_name order by attempt desc, stage_rank(status) desc) = 1 as is_outcome
    from said
  ),
  folded as (
    select request_id, stage_name,
      max(attempt) as attempt,
      max(status) filter (where is_outcome) as status,
      timestamp_of_us(min(started_us)) as started_at,
      timestamp_of_us(max(ended_us) filter (where is_outcome)) as completed_at,
      max(max_retries)::integer as said_max_retries,
      timestamp_of_us(max(next_attempt_us) filter (where is_outcome)) as next_attempt_at,
      claim_of('error', (array_agg(jsonb_build_array(said_us, digest, error) order by said_us, digest) filter (where is_outcome and error is not null))[1])
        || claim_of('output', (array_agg(jsonb_build_array(said_us, digest, output) order by said_us, digest) filter (where is_outcome and output is not null))[1])
        || claim_of('worker', (array_agg(jsonb_build_array(said_us, digest, worker) order by said_us, digest) filter (where is_outcome))[1])
        as claimed
    from ranked
    group by request_id, stage_name
  ),
  -- Locked, for a direct write of a stage does not lock its request first.
  present as materialized (
    select * from request_stages where request_id = any (array(select request_id from folded)) for no key update
  ),
  merging as (
    select f.*, p.request_id is null as is_new, p.started_at as old_started_at, p.said_max_retries as old_said_max_retries,
      p.attempt as old_attempt, p.status as old_status, p.completed_at as old_completed_at, p.next_attempt_at as old_next_attempt_at,
      p.output_data, p.error_message, p.error_details, p.worker_service, p.worker_instance, p.claims,
      p.request_id is null or (f.attempt, stage_rank(f.status)) > (p.attempt, stage_rank(p.status)) as is_ahead,
      (f.attempt, stage_rank(f.status)) = (p.attempt, stage_rank(p.status)) as is_level
    from folded f left join present p using (request_id, stage_name)
  ),
  merged as (
    select m.*, b.base_claims, b.joins,
      b.joins and claim_wins(b.base_claims, m.claimed, 'error') as takes_error,
      b.joins and claim_wins(b.base_claims, m.claimed, 'output') as takes_output,
      b.joins and claim_wins(b.base_claims, m.claimed, 'worker') as takes_worker
    from merging m,
      lateral (select case when m.is_ahead then '{}' else m.claims end as base_claims, m.is_ahead or m.is_level as joins) b
  )
  insert into request_stages as s
    (request_id, stage_name, stage_order, status, attempt, started_at, completed_at, output_data, error_message,
      error_details, said_max_retries, max_retries, next_attempt_at, worker_service, worker_instance, claims)
  select request_id, stage_name, coalesce(d.stage_order, unknown_stage_order()),
    case when is_ahead then m.status else old_status end,
    greatest(m.attempt, old_attempt),
    least(m.started_at, old_started_at),
    case when is_ahead then m.completed_at when is_level then greatest(m.completed_at, old_completed_at) else old_completed_at end,
    case when takes_output then claimed -> 'output' -> 2 when not is_ahead then output_data end,
    case when takes_error then claimed -> 'error' -> 2 ->> 'message' when not is_ahead then error_message end,
    case when takes_error then nullif(claimed -> 'error' -> 2 -> 'details', 'null') when not is_ahead then error_details end,
    greatest(m.said_max_retries, old_said_max_retries),
    coalesce(greatest(m.said_max_retries, old_said_max_retries), d.max_retries, 3),
    case when is_ahead then m.next_attempt_at when is_level then greatest(m.next_attempt_at, old_next_attempt_at) else old_next_attempt_at end,
    case when takes_worker then claimed -> 'worker' -> 2 ->> 0 when not is_ahead then worker_service end,
    case when takes_worker then claimed -> 'worker' -> 2 ->> 1 when not is_ahead then worker_instance end,
    case when joins then merged_claims(base_claims, claimed) else m.claims end
  from merged m
  left join lateral (
    select d.stage_order, d.max_retries
    from content_requests r join pipeline_stage_definitions d using (pipeline_name)
    where r.id = m.request_id and d.stage_name = m.stage_name
  ) d on true
  where is_new or is_ahead
    or m.started_at < old_started_at or (m.started_at is not null and old_started_at is null)
    or m.said_max_retries > old_said_max_retries or (m.said_max_retries is not null and old_said_max_retries is null)
    or is_level and (
      takes_error or takes_output or takes_worker
      or m.completed_at > old_completed_at or m.next_attempt_at is not null and m.next_attempt_at is distinct from old_next_attempt_at
    )
  on conflict (request_id, stage_name) do update
    set status = excluded.status, attempt = excluded.attempt, started_at = excluded.started_at,
      completed_at = excluded.completed_at, output_data = excluded.output_data, error_message = excluded.error_message,
      error_details = excluded.error_details, said_max_retries = excluded.said_max_retries, max_retries = excluded.max_retries,
      next_attempt_at = excluded.next_attempt_at, worker_service = excluded.worker_service,
      worker_instance = excluded.worker_instance, claims = excluded.claims
  returning s.request_id;
end;

-- Life-cycle events that spans imply, so that a client that sends spans alone has a timeline too.
create function implied_events(signals tracked_signal[]) returns setof tracked_signal
  language sql immutable parallel safe
begin atomic
  select s.request_id, e.kind, false, s.stage_name, s.attempt, e.at_us, e.at_us, null::text, null::jsonb, e.message,
    e.severity, null::text, s.span_id, coalesce(nullif(e.attributes, 'null'), '{}'), s.service, s.host, s.instance, s.digest
  from unnest(signals) s,
    lateral (
      values
        ('stage', 'stage_started', s.started_us, format('Stage %s started', s.stage_name), 'info'::event_severity, null::jsonb),
        ('stage', 'stage_' || s.outcome, s.said_us, coalesce(s.error ->> 'message', format('Stage %s %s', s.stage_name, s.outcome)),
          s.severity, s.error -> 'details'),
        ('root', 'request_created', s.started_us, 'Request created', 'info', null),
        ('root', 'request_' || s.outcome, s.said_us, coalesce(s.error ->> 'message', format('Request %s', s.outcome)),
          s.severity, s.error -> 'details')
    ) e (of_kind, kind, at_us, message, severity, attributes)
  where s.is_span and s.kind = e.of_kind;
end;

create function record_events(signals tracked_signal[]) returns setof uuid
  language sql
begin atomic
  with event as (
    select s.*, false as is_derived from unnest(signals) s
    where not s.is_span and s.request_id is not null and s.kind <> 'circuit_breaker_status'
    union all
    select i.*, true from implied_events(signals) i
  ),
  shaped as (
    select e.request_id, event_id_of(e.kind, e.stage_name, n.attempt, e.uid, e.digest) as id,
      e.kind as event_type, e.message as event_message, e.stage_name, n.attempt, e.severity,
      timestamp_of_us(e.said_us) as created_at,
      raw_attributes(e.attributes) - array['vividly.stage.name', 'vividly.stage.attempt'] as event_data,
      e.span_id, e.service as source_service, e.host as source_host, e.is_derived
    from event e, lateral (select case when e.stage_name is not null then e.attempt end as attempt) n
  ),
  chosen as (
    select distinct on (request_id, id) * from shaped e
    order by request_id, id, is_derived, event_sort_us(event_type, created_at),
      event_digest(event_message, severity, event_data, span_id, source_service, source_host)
  )
  insert into request_events as e
    (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived)
  select
    request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, event_data, span_id, source_service, source_host, is_derived
  from chosen
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
end;

create function span_digest(
  parent_span_id text, name text, kind smallint, status_code smallint, status_message text, started_at timestamptz,
  attributes jsonb, scope text, service text, host text, instance text
) returns text
  language sql stable parallel safe
  return md5(concat_ws('/', parent_span_id, name, kind, status_code, status_message, epoch_us(started_at), attributes, scope, service, host, instance));

-- The least (end, digest) of a span stays.
create function record_spans(spans span_signal[], traces known_trace[]) returns setof uuid
  language sql
begin atomic
  with span as (
    select distinct on (i.request_id, s.span_id)
      i.request_id, s.span_id, s.parent_span_id, s.name, s.kind, s.status_code, s.status_message,
      timestamp_of_us(s.started_us) as started_at, timestamp_of_us(s.ended_us) as ended_at,
      raw_attributes(s.attributes) as attributes, s.scope, s.service, s.host, s.instance
    from unnest(spans) s join unnest(traces) i using (trace_id)
    where is_tracked(i, s.attributes, '') and refusal_of(i, s.attributes) is null
    order by i.request_id, s.span_id, s.ended_us,
      span_digest(s.parent_span_id, s.name, s.kind, s.status_code, s.status_message, timestamp_of_us(s.started_us),
        raw_attributes(s.attributes), s.scope, s.service, s.host, s.instance)
  )
  insert into request_spans as p
    (request_id, span_id, parent_span_id, name, kind, status_code, status_message, started_at, ended_at, attributes, scope,
      source_service, source_host, source_instance)
  select request_id, span_id, parent_span_id, name, kind, status_code, status_message, started_at, ended_at, attributes, scope,
    service, host, instance
  from span
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
end;

create function record_students(signals tracked_signal[]) returns void
  language sql
begin atomic
  insert into students as t (organization_id, student_id, full_name, named_at)
  select distinct on (organization_id, student_id) organization_id, student_id, full_name, named_at
  from (
    select coalesce(s.attributes ->> 'vividly.organization.id', '') as organization_id, s.attributes ->> 'user.id' as student_id,
      s.attributes ->> 'user.full_name' as full_name, timestamp_of_us(s.said_us) as named_at
    from unnest(signals) s
    where s.kind = 'root' or starts_with(s.kind, 'request_')
  ) n
  where student_id is not null and full_name is not null
  order by organization_id, student_id, named_at desc, full_name desc
  on conflict (organization_id, student_id) do update
    set full_name = excluded.full_name, named_at = excluded.named_at
    where (excluded.named_at, excluded.full_name) > (t.named_at, t.full_name);
end;

create function is_later(said circuit_breakers, than circuit_breakers) returns boolean
  language sql immutable parallel safe
  return (said.updated_at, said.digest) > (than.updated_at, than.digest);

-- The latest record of an instance says its state and counts.
create function record_circuit_breakers(signals tracked_signal[]) returns void
  language sql
begin atomic
  with said as (
    select s.attributes ->> 'vividly.circuit_breaker.name' as name, coalesce(s.service, 'unknown') as service,
      coalesce(s.instance, s.host, 'unknown') as instance_id,
      (s.attributes ->> 'vividly.circuit_breaker.state')::circuit_breaker_state as state,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.calls', 0) as calls,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.failures', 0) as failures,
      integer_attribute(s.attributes, 'vividly.circuit_breaker.rejected', 0) as rejected,
      case when pg_input_is_valid(s.attributes ->> 'vividly.circuit_breaker.retry_at', 'timestamptz')
        then (s.attributes ->> 'vividly.circuit_breaker.retry_at')::timestamptz end as retry_at,
      timestamp_of_us(s.said_us) as updated_at, s.digest,
      case when s.kind <> 'circuit_breaker_status' then timestamp_of_us(s.said_us) end as changed_at
    from unnest(signals) s
    where s.kind in ('circuit_breaker_status', 'circuit_breaker_open', 'circuit_breaker_state_changed')
      and s.attributes ? 'vividly.circuit_breaker.name' and s.attributes ? 'vividly.circuit_breaker.state'
  ),
  latest as (
    select distinct on (name, service, instance_id) said.*,
      max(said.changed_at) over instance as last_changed_at, min(said.updated_at) over instance as first_seen_at
    from said
    window instance as (partition by name, service, instance_id)
    order by name, service, instance_id, updated_at desc, digest desc
  ),
  stored as (
    insert into circuit_breakers as b
      (name, service, instance_id, state, calls, failures, rejected, retry_at, updated_at, digest, changed_at, first_seen_at)
    select name, service, instance_id, state, calls, failures, rejected, retry_at, updated_at, digest, last_changed_at, first_seen_at
    from latest
    on conflict (name, service, instance_id) do update
      set state = case when is_later(excluded, b) then excluded.state else b.state end,
        calls = case when is_later(excluded, b) then excluded.calls else b.calls end,
        failures = case when is_later(excluded, b) then excluded.failures else b.failures end,
        rejected = case when is_later(excluded, b) then excluded.rejected else b.rejected end,
        retry_at = case when is_later(excluded, b) then excluded.retry_at else b.retry_at end,
        updated_at = case when is_later(excluded, b) then excluded.updated_at else b.updated_at end,
        digest = case when is_later(excluded, b) then excluded.digest else b.digest end,
        changed_at = greatest(excluded.changed_at, b.changed_at),
        first_seen_at = least(excluded.first_seen_at, b.first_seen_at),
        received_at = now(),
        version = b.version + 1
      where is_later(excluded, b) or excluded.changed_at > b.changed_at or excluded.first_seen_at < b.first_seen_at
        or (excluded.changed_at is not null and b.changed_at is null)
    returning b.name, b.version
  )
  insert into change_log (circuit_breaker, version)
  select name, max(version) from stored group by name;
end;
