-- The same results with fewer and simpler plans: what a batch costs before its first signal is merged was three
-- milliseconds, most of what a small one took.
--
-- `id = any (ids)` alone prunes no partition, and every statement opened each month of requests and stages and each day of
-- events. So the functions below say the first and the last ID too: that does prune, before anything is opened.

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

-- Writes the derived fields of requests whose stages have their places: a request's row says of its stages what follows from
-- them and from its claims, and from nothing else.
create or replace function write_derived_fields(request_ids uuid[]) returns void
  language plpgsql
  set vividly.merging = 'on'
  set plan_cache_mode = force_generic_plan
  set enable_nestloop = off
  set enable_seqscan = off
as $$
declare
  ordered uuid[] := array_sort(request_ids);
  first_id uuid := ordered[1];
  last_id uuid := ordered[cardinality(ordered)];
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

-- As before (0050).
create or replace function order_stages(request_ids uuid[]) returns void
  language plpgsql
  set vividly.merging = 'on'
as $$
declare
  ordered uuid[] := array_sort(request_ids);
  first_id uuid := ordered[1];
  last_id uuid := ordered[cardinality(ordered)];
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
