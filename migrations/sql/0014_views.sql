-- What readers rest on. Nothing here is stored that depends on the passing of time.

-- ISO 8601 in UTC, to the millisecond: the form of every time in the API.
create function iso_utc(moment timestamptz) returns text
  language sql stable strict parallel safe
  return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Where the change feed stands as this statement sees it: `<epoch>.<xmin>`. Every change that this statement does
-- not see has an xid of at least xmin.
create function stream_cursor() returns text
  language sql stable
  return (select epoch from change_feed_epoch) || '.' || pg_snapshot_xmin(pg_current_snapshot());

-- The stages of a request as a reader expects them: those of its pipeline, begun or not, and behind them those that
-- the pipeline doesn't know. The order to show them in is (stage_order, started_at, stage_name).
create function stages_of(of_request uuid, of_pipeline text)
  returns table (
    stage_name text, stage_order integer, status stage_status, attempt integer, started_at timestamptz,
    completed_at timestamptz, duration_seconds numeric, output_data jsonb, error_message text, error_details jsonb,
    retry_count integer, max_retries integer, next_attempt_at timestamptz, expected_duration_seconds numeric,
    is_known boolean
  )
  language sql stable
begin atomic
  select coalesce(s.stage_name, d.stage_name), coalesce(d.stage_order, s.stage_order), coalesce(s.status, 'pending'),
    coalesce(s.attempt, 1), s.started_at, s.completed_at, s.duration_seconds, s.output_data, s.error_message,
    s.error_details, coalesce(s.retry_count, 0), coalesce(s.max_retries, d.max_retries), s.next_attempt_at,
    d.expected_duration_seconds, d.stage_name is not null
  from (select * from pipeline_stage_definitions where pipeline_name = of_pipeline) d
  full join (select * from request_stages where request_id = of_request) s using (stage_name);
end;

-- The stage that each span of a request lies in: a stage span, or any span inside one, the nearest counting.
-- A stage span that has not ended is known from the life-cycle records told inside it; not so the root, which tells
-- of every stage, nor any other span that tells of several.
create function span_stages_of(of_request uuid) returns table (span_id text, stage_name text)
  language sql stable
begin atomic
  with recursive span as materialized (
    select p.span_id, p.parent_span_id, nullif(p.attributes ->> 'vividly.stage.name', '') as stage_name
    from request_spans p
    where p.request_id = of_request
  ),
  stage_span as materialized (
    select s.span_id, s.stage_name from span s where s.stage_name is not null
    union
    select e.span_id, min(e.stage_name)
    from request_events e
    where e.request_id = of_request and e.stage_name is not null and e.span_id is not null
      and starts_with(e.event_type, 'stage_')
      and e.span_id <> right(replace(of_request::text, '-', ''), 16)
      and not exists (select from span s where s.span_id = e.span_id and s.stage_name is not null)
    group by e.span_id
    having count(distinct e.stage_name) = 1
  ),
  -- `union` drops what was found before, which ends a ring of parents.
  inside (span_id, stage_name) as (
    select t.span_id, t.stage_name from stage_span t
    union
    select s.span_id, i.stage_name
    from inside i
    join span s on s.parent_span_id = i.span_id
    where not exists (select from stage_span t where t.span_id = s.span_id)
  )
  select i.span_id, min(i.stage_name) from inside i group by i.span_id;
end;

-- Requests that have not ended, newest first, with what a dashboard shows of them.
create view active_requests_dashboard as
select r.id, r.correlation_id, r.organization_id, r.student_id, t.full_name as student_name, r.topic, r.pipeline_name,
  r.status, r.current_stage, r.progress_percentage, r.retry_count, r.error_message, r.error_stage, r.created_at,
  r.started_at, extract(epoch from greatest(now() - r.created_at, interval '0')) as elapsed_seconds,
  p.stages_total, p.stages_completed
from content_requests r
left join students t on t.organization_id = coalesce(r.organization_id, '') and t.student_id = r.student_id
cross join lateral (
  select count(*)::integer as stages_total,
    (count(*) filter (where s.status in ('completed', 'skipped')))::integer as stages_completed
  from stages_of(r.id, r.pipeline_name) s
) p
where r.outcome is null
order by r.created_at desc, r.id desc;

-- Hourly figures of whole requests, all organizations together.
create view request_metrics_summary as
select hour, total, completed, failed, cancelled,
  completed::numeric / nullif(completed + failed, 0) as success_rate,
  average_duration_seconds, p95_duration_seconds, computed_at
from request_metrics
where organization_id is null and stage_name is null
order by hour desc;

-- Requests that ended badly are few among the many: a list of them must not walk through the others.
create index on content_requests (created_at desc, id desc) where outcome in ('failed', 'cancelled');

-- Of the change log's rows that are gone, the greatest xid: a cursor at or below it can't be brought up to date.
alter table change_feed_epoch add column trimmed_xid xid8 not null default '0';

-- Deletes at most max_rows changes older than `keep`, oldest first. Returns how many: call again while it is max_rows.
create function trim_change_log(keep interval default '2 hours', max_rows integer default 10000) returns integer
  language plpgsql as $$
declare
  trimmed integer;
  greatest_xid xid8;
begin
  -- The oldest are looked at first and only so many, whether or not they are old enough.
  with oldest as (
    select seq, changed_at from change_log order by seq limit max_rows
  ),
  gone as (
    delete from change_log c using oldest o
    where c.seq = o.seq and o.changed_at < clock_timestamp() - keep
    returning c.xid
  )
  select count(*), max(xid) into trimmed, greatest_xid from gone;
  if trimmed > 0 then
    update change_feed_epoch set trimmed_xid = greatest(trimmed_xid, greatest_xid);
  end if;
  return trimmed;
end
$$;
