-- What windows of any length in any time zone are merged from. Quarters of an hour, for the clocks of some zones stand
-- half an hour or a quarter off the others' (Kolkata, Kathmandu). Requests count in the quarter of their creation.
create table request_quarters (
  quarter timestamptz not null,
  -- Null: all organizations.
  organization_id text,
  -- Null: the request as a whole.
  stage_name text,
  stage_order integer,
  total integer not null,
  completed integer not null,
  failed integer not null,
  cancelled integer not null,
  skipped integer not null,
  retries integer not null,
  -- Of those that completed.
  sum_seconds double precision not null,
  durations duration_sketch not null,
  unique nulls not distinct (quarter, organization_id, stage_name)
);

-- Makes an hour's quarters anew; called for each marked hour, so late data counts.
create function make_request_quarters(made timestamptz) returns void
  language plpgsql as $$
declare
  first_id uuid := first_request_id_at(made);
  end_id uuid := first_request_id_at(made + interval '1 hour');
begin
  delete from request_quarters where quarter >= made and quarter < made + interval '1 hour';
  insert into request_quarters (quarter, organization_id, stage_name, stage_order, total, completed, failed, cancelled,
    skipped, retries, sum_seconds, durations)
  with request as materialized (
    select r.id, date_bin('15 minutes', r.created_at, 'epoch') as quarter, r.organization_id, r.outcome, r.retry_count,
      r.total_duration_seconds
    from content_requests r
    where r.created_at >= made and r.created_at < made + interval '1 hour'
  ),
  part as (
    select quarter, organization_id, null::text as stage_name, null::integer as stage_order, outcome::text as status,
      retry_count, total_duration_seconds as seconds
    from request
    union all
    select q.quarter, q.organization_id, s.stage_name, s.stage_order, s.status::text, s.retry_count, s.duration_seconds
    from request q
    join request_stages s on s.request_id = q.id
    where s.request_id >= first_id and s.request_id < end_id
    union all
    select q.quarter, q.organization_id, s.stage_name, s.stage_order, s.status::text, s.retry_count, s.duration_seconds
    from request q
    join request_stages s on s.request_id = q.id
    where not has_identity_time(s.request_id)
  )
  select quarter, organization_id, stage_name, min(stage_order), count(*),
    count(*) filter (where status = 'completed'),
    count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'cancelled'),
    count(*) filter (where status = 'skipped'),
    sum(retry_count),
    coalesce(sum(seconds) filter (where status = 'completed'), 0),
    sketch_of(array_agg(seconds::double precision order by seconds) filter (where status = 'completed'))
  from part
  group by grouping sets ((quarter, stage_name), (quarter, stage_name, organization_id))
  having grouping(organization_id) = 1 or organization_id is not null;
end
$$;

alter function make_request_metrics(timestamptz) rename to make_hourly_metrics;

create function make_request_metrics(made timestamptz) returns void
  language plpgsql as $$
begin
  perform make_hourly_metrics(made);
  perform make_request_quarters(made);
end
$$;

-- Figures by hour, day, week or month of a time zone, or of the whole window ('all'); stage_name null: the requests.
create function request_trends(
  opens timestamptz, closes timestamptz, step text default 'day', zone text default 'UTC', organization text default null
)
  returns table (
    bucket timestamptz, stage_name text, stage_order integer, total bigint, completed bigint, failed bigint,
    cancelled bigint, skipped bigint, retries bigint, average_seconds double precision, p50_seconds double precision,
    p95_seconds double precision, p99_seconds double precision
  )
  language sql stable
begin atomic
  with quarter as materialized (
    select case when step = 'all' then opens else date_trunc(step, q.quarter, zone) end as bucket, q.*
    from request_quarters q
    where q.quarter >= opens and q.quarter < closes and q.organization_id is not distinct from organization
  ),
  figure as (
    select q.bucket, q.stage_name, min(q.stage_order) as stage_order, sum(q.total) as total,
      sum(q.completed) as completed, sum(q.failed) as failed, sum(q.cancelled) as cancelled,
      sum(q.skipped) as skipped, sum(q.retries) as retries, sum(q.sum_seconds) as sum_seconds
    from quarter q
    group by q.bucket, q.stage_name
  ),
  counted as (
    select q.bucket, q.stage_name, u.in_bucket, sum(u.count)::bigint as count
    from quarter q, unnest((q.durations).buckets, (q.durations).counts) u (in_bucket, count)
    group by q.bucket, q.stage_name, u.in_bucket
  ),
  sketch as (
    select c.bucket, c.stage_name,
      row(array_agg(c.in_bucket order by c.in_bucket), array_agg(c.count order by c.in_bucket))::duration_sketch as durations
    from counted c
    group by c.bucket, c.stage_name
  )
  select f.bucket, f.stage_name, f.stage_order, f.total, f.completed, f.failed, f.cancelled, f.skipped, f.retries,
    f.sum_seconds / nullif((select sum(n) from unnest((s.durations).counts) n), 0),
    sketch_quantile(s.durations, 0.5), sketch_quantile(s.durations, 0.95), sketch_quantile(s.durations, 0.99)
  from figure f
  left join sketch s on s.bucket = f.bucket and s.stage_name is not distinct from f.stage_name
  order by f.bucket, f.stage_order nulls first, f.stage_name;
end;

-- What each stage took in the seven days before a moment; stage_name null: whole requests.
create function stage_normals(moment timestamptz, organization text default null)
  returns table (stage_name text, stage_order integer, samples bigint, p50_seconds double precision, p95_seconds double precision)
  language sql stable
begin atomic
  select t.stage_name, t.stage_order, t.completed, t.p50_seconds, t.p95_seconds
  from request_trends(moment - interval '168 hours', moment, 'all', 'UTC', organization) t
  where t.completed > 0;
end;

-- Stages that took far longer than normal: over the 95th percentile and three times the median of the seven days
-- before the window, of which at least twenty are known.
create function stage_outliers(opens timestamptz, closes timestamptz, organization text default null)
  returns table (
    request_id uuid, stage_name text, status stage_status, duration_seconds double precision,
    p50_seconds double precision, p95_seconds double precision, ratio double precision
  )
  language sql stable
begin atomic
  select r.id, s.stage_name, s.status, s.duration_seconds::double precision, n.p50_seconds, n.p95_seconds,
    s.duration_seconds / n.p50_seconds
  from content_requests r
  join request_stages s on s.request_id = r.id
  join stage_normals(opens, organization) n on n.stage_name = s.stage_name
  where r.created_at >= opens and r.created_at < closes
    and (organization is null or r.organization_id = organization)
    and n.samples >= 20 and s.duration_seconds > n.p95_seconds and s.duration_seconds >= 3 * n.p50_seconds;
end;

-- Requests at work (started, not ended) and waiting (created, not started) in a window, on average and at the peak.
-- Exact, from the requests themselves; one that was created more than a day before the window is not looked at.
create function request_concurrency(
  opens timestamptz, closes timestamptz, organization text default null, moment timestamptz default now()
)
  returns table (average double precision, peak bigint, queue_average double precision, queue_peak bigint)
  language sql stable
begin atomic
  with request as materialized (
    select r.created_at, r.started_at, coalesce(r.completed_at, r.failed_at, r.cancelled_at) as ended_at
    from content_requests r
    where r.created_at >= opens - interval '24 hours' and r.created_at < closes
      and (organization is null or r.organization_id = organization)
  ),
  span as (
    select 'work' as kind, greatest(started_at, opens) as begins, least(ended_at, closes, moment) as ends from request
    where started_at is not null
    union all
    select 'queue', greatest(created_at, opens), least(started_at, ended_at, closes, moment) from request
  ),
  step as (
    select kind, begins as at, 1 as change from span where ends > begins
    union all
    select kind, ends, -1 from span where ends > begins
  ),
  level as (
    select kind, sum(change) over (partition by kind order by at, change) as depth from step
  ),
  mean as (
    select kind, sum(extract(epoch from ends - begins))::double precision
      / nullif(extract(epoch from least(closes, moment) - opens), 0)::double precision as mean
    from span where ends > begins group by kind
  )
  select
    coalesce((select mean from mean where kind = 'work'), 0),
    coalesce((select max(depth) from level where kind = 'work'), 0),
    coalesce((select mean from mean where kind = 'queue'), 0),
    coalesce((select max(depth) from level where kind = 'queue'), 0);
end;
