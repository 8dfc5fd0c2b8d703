-- Makes the figures of at most max_hours marked hours anew, newest first. Returns how many hours it made.
-- One caller at a time: whoever comes meanwhile gets 0, for otherwise older figures could replace newer ones.
-- Marks are taken in an earlier statement than the figures are read: a mark is committed together with the change it
-- speaks of, so the reading sees every change whose mark was taken, and a later change leaves a mark of its own.
create function refresh_request_metrics(max_hours integer default 24) returns integer
  language plpgsql as $$
declare
  hours timestamptz[];
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

  with request as materialized (
    select h.hour, r.id, r.organization_id, r.outcome, r.retry_count, r.total_duration_seconds
    from unnest(hours) as h (hour)
    join content_requests r on r.created_at >= h.hour and r.created_at < h.hour + interval '1 hour'
  ),
  -- A request that names no organization counts among all, and in none of them.
  whole as (
    select q.hour, q.organization_id, null::text as stage_name, null::integer as stage_order,
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
    group by grouping sets ((q.hour), (q.hour, q.organization_id))
    having grouping(q.organization_id) = 1 or q.organization_id is not null
  ),
  by_stage as (
    select q.hour, q.organization_id, s.stage_name, min(s.stage_order) as stage_order,
      count(*) as total,
      count(*) filter (where s.status = 'completed') as completed,
      count(*) filter (where s.status = 'failed') as failed,
      0::bigint as cancelled,
      count(*) filter (where s.status = 'skipped') as skipped,
      sum(s.retry_count) as retries,
      avg(s.duration_seconds) filter (where s.status = 'completed') as average_duration_seconds,
      percentile_cont(0.95) within group (order by s.duration_seconds)
        filter (where s.status = 'completed') as p95_duration_seconds
    from request q
    join request_stages s on s.request_id = q.id
    group by grouping sets ((q.hour, s.stage_name), (q.hour, s.stage_name, q.organization_id))
    having grouping(q.organization_id) = 1 or q.organization_id is not null
  )
  insert into request_metrics as m
    (hour, organization_id, stage_name, stage_order, total, completed, failed, cancelled, skipped, retries,
      average_duration_seconds, p95_duration_seconds, computed_at)
  select f.hour, f.organization_id, f.stage_name, f.stage_order, f.total, f.completed, f.failed, f.cancelled, f.skipped,
    f.retries, f.average_duration_seconds, f.p95_duration_seconds, clock_timestamp()
  from (select * from whole union all select * from by_stage) f
  on conflict (hour, organization_id, stage_name) do update
    set stage_order = excluded.stage_order, total = excluded.total, completed = excluded.completed,
      failed = excluded.failed, cancelled = excluded.cancelled, skipped = excluded.skipped,
      retries = excluded.retries, average_duration_seconds = excluded.average_duration_seconds,
      p95_duration_seconds = excluded.p95_duration_seconds, computed_at = excluded.computed_at;

  -- What this run did not make has no request any more.
  delete from request_metrics where hour = any (hours) and computed_at < now();
  return cardinality(hours);
end
$$;
