-- Stages and events, with the partitions that a batch does not touch left out; request_ids are in order.

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
