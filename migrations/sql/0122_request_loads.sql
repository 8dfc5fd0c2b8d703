-- How many requests were at work and how many waited, in steps of ten seconds: what the requests created in one hour
-- added, so that any window is the sum of its hours and of the day before, and an hour can be made anew by itself.
create table request_loads (
  -- In which the requests were created.
  hour timestamptz not null,
  -- Null: all organizations.
  organization_id text,
  -- work: started, not ended. queue: created, not started.
  kind text not null check (kind in ('work', 'queue')),
  -- 12 bytes a step in which something changed, in order: int4 steps since the hour began; int4 by how much the level
  -- rose; int4 milliseconds that this adds up to until the end of the step.
  changes bytea not null,
  unique nulls not distinct (hour, organization_id, kind)
);
create index request_loads_of_organization on request_loads ((coalesce(organization_id, '')), hour);
-- Compressing takes longer than reading.
alter table request_loads alter column changes set storage external;

insert into row_policies (table_name, time_column, keep) values ('request_loads', 'hour', '13 months');

create function make_request_loads(made timestamptz) returns void
  language plpgsql as $$
begin
  delete from request_loads where hour = made;
  insert into request_loads (hour, organization_id, kind, changes)
  with request as materialized (
    select r.organization_id, r.created_at, r.started_at, coalesce(r.completed_at, r.failed_at, r.cancelled_at) as ended_at
    from content_requests r
    where r.created_at >= made and r.created_at < made + interval '1 hour'
  ),
  span as (
    select organization_id, 'work' as kind, started_at as begins, ended_at as ends from request where started_at is not null
    union all
    select organization_id, 'queue', created_at, least(started_at, ended_at) from request
  ),
  event as (
    select organization_id, kind, epoch_us(begins) - epoch_us(made) as at_us, 1 as rise
    from span where ends is null or ends > begins
    union all
    select organization_id, kind, epoch_us(ends) - epoch_us(made), -1 from span where ends > begins
  ),
  step as (
    select organization_id, kind, grouping(organization_id) = 1 as is_of_all, floor(at_us / 1e7)::integer as step,
      sum(rise) as rise, sum(rise * (1e7 - (at_us - floor(at_us / 1e7) * 1e7)) / 1000) as area_ms
    from event
    group by grouping sets ((kind, step), (organization_id, kind, step))
    having grouping(organization_id) = 1 or organization_id is not null
  )
  select made, s.organization_id, s.kind,
    string_agg(int4send(s.step) || int4send(s.rise::integer) || int4send(round(s.area_ms)::integer), '' order by s.step)
  from step s
  group by s.is_of_all, s.organization_id, s.kind;
end
$$;

create or replace function make_request_metrics(made timestamptz) returns void
  language plpgsql as $$
begin
  perform make_hourly_metrics(made);
  perform make_request_quarters(made);
  perform make_request_loads(made);
end
$$;

-- What is asked for most is made anew soon after the migration.
insert into request_metric_hours_due (hour)
select distinct m.hour from request_metrics m
where m.hour >= now() - interval '9 days'
  and m.hour >= (select kept_since(p, now()) from partition_policies p where p.table_name = 'content_requests');
