create function claim_of(field text, claim jsonb) returns jsonb
  language sql stable parallel safe
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
  -- Materialized: what comes out is used often, and would be computed at each use.
  merging as materialized (
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
      lateral (select case when m.is_ahead then '{}' else m.claims end as base_claims, m.is_ahead or m.is_level as joins offset 0) b
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
