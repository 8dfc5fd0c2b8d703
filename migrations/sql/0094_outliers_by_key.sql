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
  -- By the key: the slow are few, but the planner, who can't know, may read the window's requests.
  cross join lateral (
    select q.created_at, q.organization_id from content_requests q where q.id = s.request_id offset 0
  ) r
  where r.created_at >= opens and r.created_at < closes
    and (organization is null or r.organization_id = organization)
    and s.duration_seconds > s.p95_seconds;
end;
