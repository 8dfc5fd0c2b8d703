-- slow_stages_of, the slowest first and no more than so many. Whether a request is of the window and of the organization is
-- asked in that order until enough are found: of 1,200 that were slow in a day fifty are shown, and each cost 2.3 µs.
create function slowest_stages_of(
  opens timestamptz, closes timestamptz, organization text, stages text[], medians double precision[], p95s double precision[],
  bounds double precision[], most integer
)
  returns table (
    request_id uuid, stage_name text, status stage_status, duration_seconds double precision, p50_seconds double precision,
    p95_seconds double precision, ratio double precision
  )
  language sql stable
begin atomic
  with bound as materialized (
    select b.stage_name, b.p50_seconds, b.p95_seconds, b.seconds
    from unnest(stages, medians, p95s, bounds) b (stage_name, p50_seconds, p95_seconds, seconds)
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
    where s.quarter > opens - interval '15 minutes' and s.quarter < closes
      and s.quarter not in (select u.quarter from untold u)
    union all
    select s.request_id, s.stage_name, s.status, s.duration_seconds::double precision
    from untold u
    cross join lateral (
      select * from request_stages t
      where t.request_id >= first_request_id_at(u.quarter) and t.request_id < first_request_id_at(u.quarter + interval '15 minutes')
      offset 0
    ) s
    union all
    select s.request_id, s.stage_name, s.status, s.duration_seconds::double precision
    from untold u
    join content_requests r on r.created_at >= u.quarter and r.created_at < u.quarter + interval '15 minutes'
    join request_stages s on s.request_id = r.id
    where r.id < 'c1d00000-0000-0000-0000-000000000000' or r.id >= 'c1da0000-0000-0000-0000-000000000000'
  ),
  slowest as (
    select s.*, b.p50_seconds, b.p95_seconds, s.duration_seconds / b.p50_seconds as ratio
    from slow s
    join bound b on b.stage_name = s.stage_name
    where s.duration_seconds >= b.seconds and s.duration_seconds > b.p95_seconds
    order by ratio desc, s.request_id, s.stage_name
    offset 0
  )
  select s.request_id, s.stage_name, s.status, s.duration_seconds, s.p50_seconds, s.p95_seconds, s.ratio
  from slowest s
  cross join lateral (
    select q.created_at, q.organization_id from content_requests q where q.id = s.request_id offset 0
  ) r
  where r.created_at >= opens and r.created_at < closes
    and (organization is null or r.organization_id = organization)
  order by s.ratio desc, s.request_id, s.stage_name
  limit most;
end;
