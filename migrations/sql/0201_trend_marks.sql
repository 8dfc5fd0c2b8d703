-- trend_pieces without the sketches, which are most of its time: which version of which row holds each. Who has read that
-- version needs it no more (docs/adr/025). Whether a period is merged asks for a row's place, so that it is found by the
-- index of its organization; an index that has all the columns asked for is walked through all organizations instead.
create function trend_marks(opens timestamptz, closes timestamptz, step text, zone text, organization text)
  returns table (
    bucket timestamptz, kind text, at timestamptz, organization_id text, stage_name text, place tid, version xid,
    stage_order integer, total bigint, completed bigint, failed bigint, cancelled bigint, skipped bigint, retries bigint,
    sum_seconds double precision
  )
  language sql stable
begin atomic
  with day as materialized (
    select d.opens as at,
      d.opens >= trend_marks.opens and d.opens + interval '24 hours' <= closes
        and (step = 'all' or date_trunc(step, d.opens, zone) = date_trunc(step, d.opens + interval '1425 minutes', zone))
        and (
          select p.ctid from request_periods p
          where p.step = 'day' and p.opens = d.opens and coalesce(p.organization_id, '') = coalesce(organization, '')
          limit 1
        ) is not null as is_merged
    from generate_series(
      date_bin('24 hours', trend_marks.opens, 'epoch'), closes - interval '1 microsecond', interval '24 hours'
    ) d (opens)
  ),
  hour as materialized (
    select h.opens as at,
      h.opens >= trend_marks.opens and h.opens + interval '1 hour' <= closes
        and (step = 'all' or date_trunc(step, h.opens, zone) = date_trunc(step, h.opens + interval '45 minutes', zone))
        and (
          select p.ctid from request_periods p
          where p.step = 'hour' and p.opens = h.opens and coalesce(p.organization_id, '') = coalesce(organization, '')
          limit 1
        ) is not null as is_merged
    from day d
    cross join lateral generate_series(d.at, d.at + interval '23 hours', interval '1 hour') h (opens)
    where not d.is_merged and h.opens < closes and h.opens + interval '1 hour' > trend_marks.opens
  ),
  piece as (
    select p.step as kind, p.opens as at, p.organization_id, p.stage_name, p.place, p.version, p.stage_order, p.total,
      p.completed, p.failed, p.cancelled, p.skipped, p.retries, p.sum_seconds
    from (
      select 'day' as step, d.at from day d where d.is_merged
      union all
      select 'hour', h.at from hour h where h.is_merged
    ) m
    cross join lateral (
      select p.*, p.ctid as place, p.xmin as version from request_periods p
      where p.step = m.step and p.opens = m.at and coalesce(p.organization_id, '') = coalesce(organization, '')
      offset 0
    ) p
    union all
    select 'quarter', q.quarter, q.organization_id, q.stage_name, q.place, q.version, q.stage_order, q.total, q.completed,
      q.failed, q.cancelled, q.skipped, q.retries, q.sum_seconds
    from hour h
    cross join lateral (
      select q.*, q.ctid as place, q.xmin as version from request_quarters q
      where q.quarter >= greatest(h.at, trend_marks.opens) and q.quarter < least(h.at + interval '1 hour', closes)
        and coalesce(q.organization_id, '') = coalesce(organization, '')
      offset 0
    ) q
    where not h.is_merged
  )
  select case when step = 'all' then trend_marks.opens else date_trunc(step, p.at, zone) end, p.kind, p.at,
    p.organization_id, p.stage_name, p.place, p.version, p.stage_order, p.total, p.completed, p.failed, p.cancelled,
    p.skipped, p.retries, p.sum_seconds
  from piece p;
end;
