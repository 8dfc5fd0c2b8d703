-- What a request's row says of its stages, derived anew from them and from the claims. Order-free, because it
-- depends on nothing else. Everyone who changes a request or a stage comes through here.
--
-- Contract: the caller has locked the request rows (lock_requests) in an earlier statement of its transaction, so
-- that this statement sees all that others committed before.
-- Every request given gets a new version, an entry in the change log and its hour marked.
create function derive_requests(request_ids uuid[]) returns void
  language plpgsql
  set vividly.merging = 'on'
as $$
begin
  -- A pipeline's name may come after its stages.
  update request_stages s
  set stage_order = o.stage_order, max_retries = o.max_retries
  from (
    select t.request_id, t.stage_name, coalesce(d.stage_order, unknown_stage_order()) as stage_order,
      coalesce(t.said_max_retries, d.max_retries, 3) as max_retries
    from content_requests r
    join request_stages t on t.request_id = r.id
    left join pipeline_stage_definitions d on (d.pipeline_name, d.stage_name) = (r.pipeline_name, t.stage_name)
    where r.id = any (request_ids) and t.request_id = any (request_ids)
  ) o
  where s.request_id = any (request_ids) and (s.request_id, s.stage_name) = (o.request_id, o.stage_name)
    and (s.stage_order, s.max_retries) <> (o.stage_order, o.max_retries);

  with before as (
    select id, status from content_requests where id = any (request_ids)
  ),
  derived as (
    select * from derived_fields(request_ids)
  ),
  after as (
    update content_requests r
    set status = d.status,
      current_stage = d.current_stage,
      progress_percentage = d.progress_percentage,
      outcome = d.outcome,
      created_at = coalesce(identity_time_of(r.id), r.created_at),
      started_at = d.started_at,
      completed_at = case when d.outcome = 'completed' then d.ended_at end,
      failed_at = case when d.outcome = 'failed' then d.ended_at end,
      cancelled_at = case when d.outcome = 'cancelled' then d.ended_at end,
      total_duration_seconds = case when d.ended_at is not null
        then extract(epoch from greatest(d.ended_at - coalesce(identity_time_of(r.id), r.created_at), interval '0')) end,
      error_message = d.error_message,
      error_stage = d.error_stage,
      error_details = d.error_details,
      retry_count = d.retry_count,
      version = r.version + 1,
      updated_at = clock_timestamp()
    from derived d
    where r.id = any (request_ids) and r.id = d.request_id
    returning r.id, r.status, r.created_at, r.organization_id, r.version
  ),
  status_log as (
    insert into request_status_changes (request_id, from_status, to_status)
    select a.id, b.status, a.status from after a join before b using (id) where a.status <> b.status
  ),
  hours as (
    insert into request_metric_hours_due (hour)
    select distinct date_trunc('hour', created_at, 'UTC') from after
  )
  insert into change_log (request_id, organization_id, version)
  select id, organization_id, version from after;
end
$$;

-- Locks request rows in the order of their IDs, so that writers can't wait for each other in a ring.
create function lock_requests(request_ids uuid[]) returns void
  language plpgsql as $$
begin
  perform from content_requests where id = any (request_ids) order by id for no key update;
end
$$;

-- The derived fields of requests.
create function derived_fields(request_ids uuid[])
  returns table (
    request_id uuid, status request_status, outcome request_status, current_stage text, progress_percentage integer,
    started_at timestamptz, ended_at timestamptz, retry_count integer,
    error_message text, error_stage text, error_details jsonb
  )
  language sql stable
begin atomic
  with request as (
    select r.id, r.pipeline_name, r.claims, r.reported_error,
      case
        when r.claims ? 'completed' then 'completed'
        when r.claims ? 'failed' then 'failed'
        when r.claims ? 'cancelled' then 'cancelled'
      end::request_status as outcome
    from content_requests r
    where r.id = any (request_ids)
  ),
  stage as (
    select s.*, d.request_status, d.stage_name is not null as is_known,
      s.started_at is not null or s.status in ('in_progress', 'completed', 'failed') as has_started
    from request_stages s
    join request q on q.id = s.request_id
    left join pipeline_stage_definitions d on d.pipeline_name = q.pipeline_name and d.stage_name = s.stage_name
    where s.request_id = any (request_ids)
  ),
  -- The stage that gives the request its status while it has not ended.
  furthest as (
    select distinct on (s.request_id) s.request_id, s.stage_name, s.request_status
    from stage s
    where s.is_known and s.has_started
    order by s.request_id, s.status = 'in_progress' desc, s.stage_order desc
  ),
  failure as (
    select distinct on (s.request_id) s.request_id, s.stage_name, s.error_message, s.error_details
    from stage s
    where s.status = 'failed'
    order by s.request_id, s.completed_at desc nulls last, s.stage_order desc, s.stage_name
  ),
  total as (
    select s.request_id,
      count(*) filter (where s.status in ('completed', 'skipped', 'in_progress')) as passed,
      count(*) filter (where not s.is_known) as unknown_stages,
      sum(s.retry_count)::integer as retry_count,
      min(s.started_at) as first_start
    from stage s
    group by s.request_id
  ),
  pipeline as (
    select d.pipeline_name, count(*) as stages from pipeline_stage_definitions d group by d.pipeline_name
  )
  select
    q.id,
    coalesce(q.outcome, f.request_status, 'pending'),
    q.outcome,
    case when q.outcome is null then f.stage_name end,
    case
      when q.outcome = 'completed' then 100
      else least(99, 100 * coalesce(t.passed, 0) / greatest(coalesce(p.stages, 0) + coalesce(t.unknown_stages, 0), 1))::integer
    end,
    least(timestamp_of_us((q.claims -> 'started' ->> 0)::bigint), t.first_start),
    timestamp_of_us((q.claims -> q.outcome::text ->> 0)::bigint),
    coalesce(t.retry_count, 0),
    case when q.outcome is distinct from 'completed' then coalesce(q.reported_error ->> 'message', e.error_message) end,
    case when q.outcome is distinct from 'completed' then coalesce(q.reported_error ->> 'stage', e.stage_name) end,
    case when q.outcome is distinct from 'completed' then coalesce(nullif(q.reported_error -> 'details', 'null'), e.error_details) end
  from request q
  left join pipeline p using (pipeline_name)
  left join total t on t.request_id = q.id
  left join furthest f on f.request_id = q.id
  left join failure e on e.request_id = q.id;
end;
