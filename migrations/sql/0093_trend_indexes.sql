-- Trends read one organization's quarters by their index, outliers only the stages of their window.

-- Figures by hour, day, week or month of a time zone, or of the whole window ('all'); stage_name null: the requests.
create or replace function request_trends(
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
    where q.quarter >= opens and q.quarter < closes and coalesce(q.organization_id, '') = coalesce(organization, '')
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

-- Stages that took far longer than normal: over the 95th percentile and three times the median of the seven days
-- before the window, of which at least twenty are known. Stages lie by their request's time: those of a window side by
-- side, and are read there; those of foreign traces, whose IDs hold no time, through their requests.
create or replace function stage_outliers(opens timestamptz, closes timestamptz, organization text default null)
  returns table (
    request_id uuid, stage_name text, status stage_status, duration_seconds double precision,
    p50_seconds double precision, p95_seconds double precision, ratio double precision
  )
  language sql stable
begin atomic
  with normal as materialized (
    select n.stage_name, n.p50_seconds, n.p95_seconds, greatest(n.p95_seconds, 3 * n.p50_seconds)::numeric as bound
    from stage_normals(opens, organization) n
    where n.samples >= 20 and n.stage_name is not null
  ),
  slow as materialized (
    select s.request_id, s.stage_name, s.status, s.duration_seconds, n.p50_seconds, n.p95_seconds
    from request_stages s
    join normal n on n.stage_name = s.stage_name
    where s.request_id >= first_request_id_at(opens) and s.request_id < first_request_id_at(closes + interval '1 millisecond')
      and s.duration_seconds >= n.bound
    union all
    select s.request_id, s.stage_name, s.status, s.duration_seconds, n.p50_seconds, n.p95_seconds
    from content_requests r
    join request_stages s on s.request_id = r.id
    join normal n on n.stage_name = s.stage_name
    where (r.id < 'c1d00000-0000-0000-0000-000000000000' or r.id >= 'c1da0000-0000-0000-0000-000000000000')
      and r.created_at >= opens and r.created_at < closes and s.duration_seconds >= n.bound
  )
  select s.request_id, s.stage_name, s.status, s.duration_seconds::double precision, s.p50_seconds, s.p95_seconds,
    s.duration_seconds / s.p50_seconds
  from slow s
  join content_requests r on r.id = s.request_id
  where r.created_at >= opens and r.created_at < closes
    and (organization is null or r.organization_id = organization)
    and s.duration_seconds > s.p95_seconds;
end;
