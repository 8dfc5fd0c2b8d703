-- Makes the figures of at most max_hours marked hours anew, newest first. Returns how many hours it made.
-- One caller at a time: whoever comes meanwhile gets 0, for otherwise older figures could replace newer ones.
-- Marks are taken in an earlier statement than the figures are read: a mark is committed together with the change it
-- speaks of, so the reading sees every change whose mark was taken, and a later change leaves a mark of its own.
create function refresh_request_metrics(max_hours integer default 24) returns integer
  language plpgsql as $$
declare
  hours timestamptz[];
  made timestamptz;
begin
  if not pg_try_advisory_xact_lock(hashtext('refresh_request_metrics')) then
    return 0;
  end if;

  with taken as (
    delete from request_metric_hours_due
    where hour in (select hour from request_metric_hours_due group by hour order by hour desc limit max_hours)
    returning hour
  )
  select array_agg(distinct hour) into hours from taken;
  if hours is null then
    return 0;
  end if;

  -- Hour by hour, so that the planner knows how little of the tables one hour is.
  foreach made in array hours loop
    perform make_request_metrics(made);
  end loop;
  return cardinality(hours);
end
$$;

create function make_request_metrics(made timestamptz) returns void
  language plpgsql as $$
declare
  -- What requests of ours have for IDs in this hour: their stages lie side by side.
  first_id uuid := first_request_id_at(made);
  end_id uuid := first_request_id_at(made + interval '1 hour');
begin
  with request as materialized (
    select r.id, r.organization_id, r.outcome, r.retry_count, r.total_duration_seconds
    from content_requests r
    where r.created_at >= made and r.created_at < made + interval '1 hour'
  ),
  stage as materialized (
    select q.organization_id, s.stage_name, s.stage_order, s.status, s.retry_count, s.duration_seconds
    from request q
    join request_stages s on s.request_id = q.id
    where s.request_id >= first_id and s.request_id < end_id
    union all
    select q.organization_id, s.stage_name, s.stage_order, s.status, s.retry_count, s.duration_seconds
    from request q
    join request_stages s on s.request_id = q.id
    where s.request_id < 'c1d00000-0000-0000-0000-000000000000' or s.request_id >= 'c1da0000-0000-0000-0000-000000000000'
  ),
  -- A request that names no organization counts among all, and in none of them.
  whole as (
    select q.organization_id, null::text as stage_name, null::integer as stage_order,
      count(*) as total,
      count(*) filter (where q.outcome = 'completed') as completed,
      count(*) filter (where q.outcome = 'failed') as failed,
      count(*) filter (where q.outcome = 'cancelled') as cancelled,
      0::bigint as skipped,
      sum(q.retry_count) as retries,
      avg(q.total_duration_seconds) filter (where q.outcome = 'completed') as average_duration_seconds,
      percentile_cont(0.95) within group (order by q.total_duration_seconds)
        filter (where q.outcome = 'completed') as p95_duration_seconds
    from request q
    group by grouping sets ((), (q.organization_id))
    having count(*) > 0 and (grouping(q.organization_id) = 1 or q.organization_id is not null)
  ),
  by_stage as (
    select s.organization_id, s.stage_name, min(s.stage_order) as stage_order,
      count(*) as total,
      count(*) filter (where s.status = 'completed') as completed,
      count(*) filter (where s.status = 'failed') as failed,
      0::bigint as cancelled,
      count(*) filter (where s.status = 'skipped') as skipped,
      sum(s.retry_count) as retries,
      avg(s.duration_seconds) filter (where s.status = 'completed') as average_duration_seconds,
      percentile_cont(0.95) within group (order by s.duration_seconds)
        filter (where s.status = 'completed') as p95_duration_seconds
    from stage s
    group by grouping sets ((s.stage_name), (s.stage_name, s.organization_id))
    having grouping(s.organization_id) = 1 or s.organization_id is not null
  )
  insert into request_metrics as m
    (hour, organization_id, stage_name, stage_order, total, completed, failed, cancelled, skipped, retries,
      average_duration_seconds, p95_duration_seconds, computed_at)
  select made, f.organization_id, f.stage_name, f.stage_order, f.total, f.completed, f.failed, f.cancelled, f.skipped,
    f.retries, f.average_duration_seconds, f.p95_duration_seconds, clock_timestamp()
  from (select * from whole union all select * from by_stage) f
  on conflict (hour, organization_id, stage_name) do update
    set stage_order = excluded.stage_order, total = excluded.total, completed = excluded.completed,
      failed = excluded.failed, cancelled = excluded.cancelled, skipped = excluded.skipped,
      retries = excluded.retries, average_duration_seconds = excluded.average_duration_seconds,
      p95_duration_seconds = excluded.p95_duration_seconds, computed_at = excluded.computed_at;

  -- What was not made now has no request any more.
  delete from request_metrics where hour = made and computed_at < now();
end
$$;
