-- Which class an organization is of: what it pays for, or where it is. Few words, for each becomes a label of metrics, which
-- names of organizations must not: there may be thousands. Rows are the operator's, as stage definitions are.
create table organization_classes (
  organization_id text primary key,
  class text not null check (class ~ '^[a-z][a-z0-9_]{0,39}$')
);

-- Requests created and ended, by the class that their organization was of when they were counted: `other` where it is in none,
-- `none` where a request has no organization. They only grow.
create table class_counts (
  pipeline_name text not null,
  organization_class text not null,
  -- 'created', or how the request ended.
  status text not null,
  total bigint not null,
  primary key (pipeline_name, organization_class, status)
);

do $$
begin
  if exists (select from pg_roles where rolname = 'vividly_ingest') then
    revoke insert, update on organization_classes from vividly_ingest;
  end if;
end
$$;

-- As before (0035), and by class.
create or replace function count_ended() returns integer
  language plpgsql as $$
declare
  counted integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('count_ended')) then
    return 0;
  end if;
  with taken as (
    delete from ended_log returning *
  ),
  named as (
    select coalesce(r.pipeline_name, 'content_generation') as pipeline_name, coalesce(t.stage_name, '') as stage_name,
      t.status, t.seconds, t.retries, coalesce(r.trace_id, replace(t.request_id::text, '-', '')) as trace_id,
      case when t.seconds is null then 0 else width_bucket(t.seconds, duration_bounds()) + 1 end as bucket,
      coalesce(c.class, case when r.organization_id is null then 'none' else 'other' end) as organization_class
    from taken t
    left join content_requests r on r.id = t.request_id
    left join organization_classes c on c.organization_id = r.organization_id
  ),
  classed as (
    insert into class_counts as c (pipeline_name, organization_class, status, total)
    select pipeline_name, organization_class, status, count(*)
    from named
    where stage_name = ''
    group by pipeline_name, organization_class, status
    on conflict (pipeline_name, organization_class, status) do update set total = c.total + excluded.total
  ),
  added as (
    insert into ended_counts as c
      (pipeline_name, stage_name, status, bucket, total, sum_seconds, retries, exemplar_trace_id, exemplar_seconds, exemplar_at)
    select pipeline_name, stage_name, status, bucket, count(*), coalesce(sum(seconds), 0), sum(retries),
      max(trace_id), (array_agg(seconds order by trace_id desc))[1], clock_timestamp()
    from named
    group by pipeline_name, stage_name, status, bucket
    on conflict (pipeline_name, stage_name, status, bucket) do update
      set total = c.total + excluded.total, sum_seconds = c.sum_seconds + excluded.sum_seconds,
        retries = c.retries + excluded.retries, exemplar_trace_id = excluded.exemplar_trace_id,
        exemplar_seconds = excluded.exemplar_seconds, exemplar_at = excluded.exemplar_at
  )
  select count(*) into counted from taken;
  return counted;
end
$$;

-- What was counted, and 0 for each class of which nothing was: a rule on a series that has never been there sees no increase
-- when it appears.
create view requests_by_class as
select k.pipeline_name, k.organization_class, k.status, coalesce(c.total, 0) as total
from (
  select p.pipeline_name, o.organization_class, s.status
  from (select distinct pipeline_name from pipeline_stage_definitions) p
  cross join (values ('created'), ('completed'), ('failed'), ('cancelled')) s (status)
  cross join (select class as organization_class from organization_classes union values ('other'), ('none')) o
  union
  select pipeline_name, organization_class, status from class_counts
) k
left join class_counts c using (pipeline_name, organization_class, status);

alter view requests_by_class set (security_invoker = true);
