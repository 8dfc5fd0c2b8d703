-- Hours and days merged from quarters of an hour, so that a window of weeks is read from few rows. They are only
-- faster: who reads a window takes a day or an hour where it stands here, else the quarters. So they may lack at any
-- time, and nothing that stands here is ever older than its quarters: whatever makes a quarter anew takes them away.
create table request_periods (
  step text not null check (step in ('hour', 'day')),
  -- Of UTC.
  opens timestamptz not null,
  -- Null: all organizations.
  organization_id text,
  -- Null: the request as a whole.
  stage_name text,
  stage_order integer,
  total bigint not null,
  completed bigint not null,
  failed bigint not null,
  cancelled bigint not null,
  skipped bigint not null,
  retries bigint not null,
  sum_seconds double precision not null,
  durations duration_sketch not null,
  unique nulls not distinct (step, opens, organization_id, stage_name)
);
create index request_periods_of_organization on request_periods ((coalesce(organization_id, '')), step, opens);

-- What is not merged yet.
create table request_periods_due (
  step text not null,
  opens timestamptz not null,
  primary key (step, opens)
);

create function drop_periods_of(made timestamptz) returns void
  language plpgsql as $$
declare
  day timestamptz := date_bin('24 hours', made, 'epoch');
begin
  delete from request_periods where (step, opens) in (('hour', made), ('day', day));
  insert into request_periods_due (step, opens) values ('hour', made), ('day', day) on conflict do nothing;
end
$$;

-- Merges at most max_hours hours that are over, newest first, and the days whose hours are all merged. Returns how many
-- periods it made: call again while it is at least max_hours. Not while figures are made, which would take away what is
-- merged here.
create function make_request_periods(max_hours integer default 24) returns integer
  language plpgsql as $$
declare
  due timestamptz;
  made integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('refresh_request_metrics')) then
    return 0;
  end if;
  for due in
    select d.opens from request_periods_due d
    where d.step = 'hour' and d.opens <= now() - interval '1 hour'
    order by d.opens desc limit max_hours
  loop
    insert into request_periods (step, opens, organization_id, stage_name, stage_order, total, completed, failed, cancelled,
      skipped, retries, sum_seconds, durations)
    select 'hour', due, q.organization_id, q.stage_name, min(q.stage_order), sum(q.total), sum(q.completed), sum(q.failed),
      sum(q.cancelled), sum(q.skipped), sum(q.retries), sum(q.sum_seconds), merge_sketches(array_agg(q.durations))
    from request_quarters q
    where q.quarter >= due and q.quarter < due + interval '1 hour'
    group by q.organization_id, q.stage_name;
    delete from request_periods_due d where d.step = 'hour' and d.opens = due;
    made := made + 1;
  end loop;
  for due in
    select d.opens from request_periods_due d
    where d.step = 'day' and d.opens <= now() - interval '24 hours'
      and not exists (
        select from request_periods_due h
        where h.step = 'hour' and h.opens >= d.opens and h.opens < d.opens + interval '24 hours'
      )
    order by d.opens desc limit greatest(max_hours / 8, 1)
  loop
    insert into request_periods (step, opens, organization_id, stage_name, stage_order, total, completed, failed, cancelled,
      skipped, retries, sum_seconds, durations)
    select 'day', due, p.organization_id, p.stage_name, min(p.stage_order), sum(p.total), sum(p.completed), sum(p.failed),
      sum(p.cancelled), sum(p.skipped), sum(p.retries), sum(p.sum_seconds), merge_sketches(array_agg(p.durations))
    from request_periods p
    where p.step = 'hour' and p.opens >= due and p.opens < due + interval '24 hours'
    group by p.organization_id, p.stage_name;
    delete from request_periods_due d where d.step = 'day' and d.opens = due;
    made := made + 1;
  end loop;
  return made;
end
$$;

-- The fewest rows that make up a window's figures by hour, day, week or month of a time zone, or of the window ('all'):
-- whole days and hours where they are merged and lie in one bucket, quarters for the rest. Who reads them adds up.
create function trend_pieces(opens timestamptz, closes timestamptz, step text, zone text, organization text)
  returns table (
    bucket timestamptz, stage_name text, stage_order integer, total bigint, completed bigint, failed bigint,
    cancelled bigint, skipped bigint, retries bigint, sum_seconds double precision, durations duration_sketch
  )
  language sql stable
begin atomic
  with day as materialized (
    select d.opens as at,
      d.opens >= trend_pieces.opens and d.opens + interval '24 hours' <= closes
        and (step = 'all' or date_trunc(step, d.opens, zone) = date_trunc(step, d.opens + interval '1425 minutes', zone))
        and exists (
          select from request_periods p
          where p.step = 'day' and p.opens = d.opens and coalesce(p.organization_id, '') = coalesce(organization, '')
          offset 0
        ) as is_merged
    from generate_series(
      date_bin('24 hours', trend_pieces.opens, 'epoch'), closes - interval '1 microsecond', interval '24 hours'
    ) d (opens)
  ),
  hour as materialized (
    select h.opens as at,
      h.opens >= trend_pieces.opens and h.opens + interval '1 hour' <= closes
        and (step = 'all' or date_trunc(step, h.opens, zone) = date_trunc(step, h.opens + interval '45 minutes', zone))
        and exists (
          select from request_periods p
          where p.step = 'hour' and p.opens = h.opens and coalesce(p.organization_id, '') = coalesce(organization, '')
          offset 0
        ) as is_merged
    from day d
    cross join lateral generate_series(d.at, d.at + interval '23 hours', interval '1 hour') h (opens)
    where not d.is_merged and h.opens < closes and h.opens + interval '1 hour' > trend_pieces.opens
  ),
  piece as (
    select p.opens as at, p.stage_name, p.stage_order, p.total, p.completed, p.failed, p.cancelled, p.skipped, p.retries,
      p.sum_seconds, p.durations
    from (
      select 'day' as step, d.at from day d where d.is_merged
      union all
      select 'hour', h.at from hour h where h.is_merged
    ) m
    cross join lateral (
      select * from request_periods p
      where p.step = m.step and p.opens = m.at and coalesce(p.organization_id, '') = coalesce(organization, '')
      offset 0
    ) p
    union all
    select q.quarter, q.stage_name, q.stage_order, q.total, q.completed, q.failed, q.cancelled, q.skipped, q.retries,
      q.sum_seconds, q.durations
    from hour h
    cross join lateral (
      select * from request_quarters q
      where q.quarter >= greatest(h.at, trend_pieces.opens) and q.quarter < least(h.at + interval '1 hour', closes)
        and coalesce(q.organization_id, '') = coalesce(organization, '')
      offset 0
    ) q
    where not h.is_merged
  )
  select case when step = 'all' then trend_pieces.opens else date_trunc(step, p.at, zone) end, p.stage_name, p.stage_order,
    p.total, p.completed, p.failed, p.cancelled, p.skipped, p.retries, p.sum_seconds, p.durations
  from piece p;
end;

insert into row_policies (table_name, time_column, keep) values
  ('request_periods', 'opens', '25 months'), ('request_periods_due', 'opens', '25 months');

insert into request_periods_due (step, opens)
select 'hour', m.hour from request_metrics m where m.organization_id is null and m.stage_name is null
union
select 'day', date_bin('24 hours', m.hour, 'epoch') from request_metrics m where m.organization_id is null and m.stage_name is null;
