-- What is in flight, in rows of some sixty bytes: counting ten thousand requests by status, or finding the newest in a
-- stage, read ten thousand rows of ten times that size. An index of requests by status or stage would make each step of a request
-- write all its indexes; here a step writes one small row.
create table requests_in_flight (
  request_id uuid primary key,
  -- As in content_requests.
  created_at timestamptz not null,
  organization_id text,
  status request_status not null,
  -- The stage that it is in, or in which it last failed.
  stage text
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

create index requests_in_flight_newest_in_stage on requests_in_flight (stage, created_at desc, request_id desc);

-- As before (0170), and it keeps the table above.
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
    returning r.id, old.status as from_status, new.status, new.created_at, new.organization_id, new.version,
      new.outcome, coalesce(new.current_stage, new.error_stage) as stage
  ),
  status_log as (
    insert into request_status_changes (request_id, from_status, to_status)
    select id, from_status, status from after where status <> from_status
  ),
  in_flight as (
    insert into requests_in_flight as f (request_id, created_at, organization_id, status, stage)
    select id, created_at, organization_id, status, stage from after where outcome is null
    on conflict (request_id) do update
      set created_at = excluded.created_at, organization_id = excluded.organization_id, status = excluded.status, stage = excluded.stage
      where (f.created_at, f.organization_id, f.status, f.stage)
        is distinct from (excluded.created_at, excluded.organization_id, excluded.status, excluded.stage)
  ),
  -- By a list, for a join would look at all that are in flight.
  landed as (
    delete from requests_in_flight where request_id = any (array(select id from after where outcome is not null))
  ),
  hours as (
    insert into request_metric_hours_due (hour)
    select distinct date_trunc('hour', created_at, 'UTC') from after
  )
  insert into change_log (request_id, organization_id, version)
  select id, organization_id, version from after;
end
$$;

-- Requests that are deleted are not in flight.
create function leave_flight() returns trigger
  language plpgsql as $$
begin
  delete from requests_in_flight where request_id = any (array(select id from old_rows where outcome is null));
  return null;
end
$$;

create trigger content_requests_leave_flight after delete on content_requests
  referencing old table as old_rows for each statement execute function leave_flight();

-- Of a partition that was dropped no trigger hears. Returns how many requests were still in flight when they were let go.
create function leave_flight_with_partitions() returns integer
  language sql
begin atomic
  with gone as (
    delete from requests_in_flight f where not exists (select from content_requests r where r.id = f.request_id) returning 1
  )
  select count(*)::integer from gone;
end;

-- Makes the table anew from the requests, where they were written with triggers off. Nobody may write requests meanwhile.
create function make_requests_in_flight() returns void
  language plpgsql as $$
begin
  lock table content_requests in share mode;
  delete from requests_in_flight f
  where not exists (select from content_requests r where r.id = f.request_id and r.outcome is null);
  insert into requests_in_flight as f (request_id, created_at, organization_id, status, stage)
  select id, created_at, organization_id, status, coalesce(current_stage, error_stage)
  from content_requests
  where outcome is null
  on conflict (request_id) do update
    set created_at = excluded.created_at, organization_id = excluded.organization_id, status = excluded.status, stage = excluded.stage;
end
$$;

select make_requests_in_flight();

alter function set_up_roles() rename to set_up_roles_before_flight;

create function set_up_roles() returns boolean
  language plpgsql as $$
begin
  if not set_up_roles_before_flight() then
    return false;
  end if;
  grant delete on requests_in_flight to vividly_ingest;
  grant select on requests_in_flight to vividly_tenant;
  alter table requests_in_flight enable row level security;
  drop policy if exists all_organizations on requests_in_flight;
  drop policy if exists one_organization on requests_in_flight;
  create policy all_organizations on requests_in_flight to vividly_ingest, vividly_read, vividly_admin using (true) with check (true);
  create policy one_organization on requests_in_flight for select to vividly_tenant
    using (organization_id = (select current_setting('vividly.organization', true)));
  return true;
end
$$;

select set_up_roles();
