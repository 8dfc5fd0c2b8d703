-- The slow stages of each quarter of an hour, so that a search for outliers need not read every stage of its window.
create table slow_stages (
  -- In which the request was created.
  quarter timestamptz not null,
  request_id uuid not null,
  stage_name text not null,
  organization_id text,
  status stage_status not null,
  duration_seconds double precision not null
);
create index on slow_stages (quarter);

-- All stages of the row's kind that took at least so long stand in slow_stages; null: that is not known.
alter table request_quarters add column slow_from double precision;

insert into row_policies (table_name, time_column, keep) values ('slow_stages', 'quarter', '25 months');

-- Makes an hour's quarters anew; called for each marked hour, so late data counts. Slow is what took twice the hour's
-- median, in its organization if that has twenty, or among all.
create or replace function make_request_quarters(made timestamptz) returns void
  language plpgsql as $$
declare
  first_id uuid := first_request_id_at(made);
  end_id uuid := first_request_id_at(made + interval '1 hour');
begin
  delete from request_quarters where quarter >= made and quarter < made + interval '1 hour';
  delete from slow_stages where quarter >= made and quarter < made + interval '1 hour';
  with request as materialized (
    select r.id, date_bin('15 minutes', r.created_at, 'epoch') as quarter, r.organization_id, r.outcome, r.retry_count,
      r.total_duration_seconds
    from content_requests r
    where r.created_at >= made and r.created_at < made + interval '1 hour'
  ),
  part as materialized (
    select id, quarter, organization_id, null::text as stage_name, null::integer as stage_order, outcome::text as status,
      retry_count, total_duration_seconds::double precision as seconds
    from request
    union all
    select q.id, q.quarter, q.organization_id, s.stage_name, s.stage_order, s.status::text, s.retry_count,
      s.duration_seconds::double precision
    from request q
    join request_stages s on s.request_id = q.id
    where s.request_id >= first_id and s.request_id < end_id
    union all
    select q.id, q.quarter, q.organization_id, s.stage_name, s.stage_order, s.status::text, s.retry_count,
      s.duration_seconds::double precision
    from request q
    join request_stages s on s.request_id = q.id
    where not has_identity_time(s.request_id)
  ),
  median as materialized (
    select stage_name, organization_id, grouping(organization_id) = 1 as is_of_all, count(seconds) as samples,
      2 * percentile_disc(0.5) within group (order by seconds) as twice
    from part
    where status = 'completed' and stage_name is not null
    group by grouping sets ((stage_name), (stage_name, organization_id))
  ),
  bound as materialized (
    select s.stage_name, s.organization_id, s.is_of_all, coalesce(
      case when s.is_of_all then a.twice else least(case when o.samples >= 20 then o.twice end, a.twice) end, 0
    ) as slow_from
    from (
      select stage_name, organization_id, grouping(organization_id) = 1 as is_of_all
      from part where stage_name is not null
      group by grouping sets ((stage_name), (stage_name, organization_id))
    ) s
    left join median a on a.is_of_all and a.stage_name = s.stage_name
    left join median o on not o.is_of_all and o.stage_name = s.stage_name
      and o.organization_id is not distinct from s.organization_id
  ),
  slow as (
    insert into slow_stages (quarter, request_id, stage_name, organization_id, status, duration_seconds)
    select p.quarter, p.id, p.stage_name, p.organization_id, p.status::stage_status, p.seconds
    from part p
    join bound b on b.stage_name = p.stage_name and not b.is_of_all
      and b.organization_id is not distinct from p.organization_id
    where p.seconds >= b.slow_from
  )
  insert into request_quarters (quarter, organization_id, stage_name, stage_order, total, completed, failed, cancelled,
    skipped, retries, sum_seconds, durations, slow_from)
  select f.quarter, f.organization_id, f.stage_name, f.stage_order, f.total, f.completed, f.failed, f.cancelled, f.skipped,
    f.retries, f.sum_seconds, f.durations, b.slow_from
  from (
    select quarter, organization_id, stage_name, grouping(organization_id) = 1 as is_of_all, min(stage_order) as stage_order,
      count(*) as total,
      count(*) filter (where status = 'completed') as completed,
      count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'cancelled') as cancelled,
      count(*) filter (where status = 'skipped') as skipped,
      sum(retry_count) as retries,
      coalesce(sum(seconds) filter (where status = 'completed'), 0) as sum_seconds,
      sketch_of(array_agg(seconds order by seconds) filter (where status = 'completed')) as durations
    from part
    group by grouping sets ((quarter, stage_name), (quarter, stage_name, organization_id))
    having grouping(organization_id) = 1 or organization_id is not null
  ) f
  left join bound b on b.stage_name = f.stage_name and b.is_of_all = f.is_of_all
    and b.organization_id is not distinct from f.organization_id;
  perform drop_periods_of(made);
end
$$;

-- As stage_outliers, for normals that are known: stages of requests created in [opens, closes) that took at least their
-- bound. Where what is slow is told from the bound on, it is read there; else among all stages of the quarter.
create function slow_stages_of(
  opens timestamptz, closes timestamptz, organization text, stages text[], bounds double precision[]
)
  returns table (request_id uuid, stage_name text, status stage_status, duration_seconds double precision)
  language sql stable
begin atomic
  with bound as materialized (
    select b.stage_name, b.seconds from unnest(stages, bounds) b (stage_name, seconds)
  ),
  untold as materialized (
    select distinct q.quarter
    from request_quarters q
    join bound b on b.stage_name = q.stage_name
    where q.quarter > opens - interval '15 minutes' and q.quarter < closes
      and coalesce(q.organization_id, '') = coalesce(organization, '')
      and coalesce(q.slow_from > b.seconds, true)
  ),
  slow as (
    select s.request_id, s.stage_name, s.status, s.duration_seconds
    from slow_stages s
    join bound b on b.stage_name = s.stage_name
    where s.quarter > opens - interval '15 minutes' and s.quarter < closes and s.duration_seconds >= b.seconds
      and s.quarter not in (select u.quarter from untold u)
    union all
    select s.request_id, s.stage_name, s.status, s.duration_seconds::double precision
    from untold u
    cross join lateral (
      select * from request_stages t
      where t.request_id >= first_request_id_at(u.quarter) and t.request_id < first_request_id_at(u.quarter + interval '15 minutes')
      offset 0
    ) s
    join bound b on b.stage_name = s.stage_name
    where s.duration_seconds >= b.seconds
    union all
    select s.request_id, s.stage_name, s.status, s.duration_seconds::double precision
    from untold u
    join content_requests r on r.created_at >= u.quarter and r.created_at < u.quarter + interval '15 minutes'
    join request_stages s on s.request_id = r.id
    join bound b on b.stage_name = s.stage_name
    where (r.id < 'c1d00000-0000-0000-0000-000000000000' or r.id >= 'c1da0000-0000-0000-0000-000000000000')
      and s.duration_seconds >= b.seconds
  )
  select s.request_id, s.stage_name, s.status, s.duration_seconds
  from slow s
  -- By the key: the slow are few, but the planner, who can't know, may read the window's requests.
  cross join lateral (
    select q.created_at, q.organization_id from content_requests q where q.id = s.request_id offset 0
  ) r
  where r.created_at >= opens and r.created_at < closes
    and (organization is null or r.organization_id = organization);
end;
