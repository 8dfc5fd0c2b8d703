-- Counts for Prometheus, the same from every replica: how many requests were created, how many requests and stages
-- ended and how long they took. They only grow, whatever retention deletes later.

-- What was created or ended since the counts were last made. A row lives for seconds.
create table ended_log (
  request_id uuid not null,
  -- Null: the request itself.
  stage_name text,
  -- 'created', or how it ended.
  status text not null,
  seconds double precision,
  retries integer not null default 0
);

-- The buckets' upper bounds in seconds; what is longer falls into one more.
create function duration_bounds() returns double precision[]
  language sql immutable
  return array[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 1200]::double precision[];

create table ended_counts (
  pipeline_name text not null,
  -- '' for the request itself.
  stage_name text not null default '',
  status text not null,
  -- Position among duration_bounds(), from 1; 0 where no duration is known.
  bucket smallint not null,
  total bigint not null,
  sum_seconds double precision not null,
  retries bigint not null,
  -- One of those counted, the latest: a way from a bucket to a request.
  exemplar_trace_id text not null,
  exemplar_seconds double precision,
  exemplar_at timestamptz not null,
  primary key (pipeline_name, stage_name, status, bucket)
);

-- Not while another attempt is due.
create function stage_has_ended(status stage_status, next_attempt_at timestamptz) returns boolean
  language sql immutable
  return status in ('completed', 'skipped') or (status = 'failed' and next_attempt_at is null);

-- A request or stage counts when it first ends. If it is later found to have ended better, that is not counted again:
-- a counter can't take back.
create function log_new_requests() returns trigger
  language plpgsql as $$
begin
  insert into ended_log (request_id, status) select id, 'created' from new_rows;
  insert into ended_log (request_id, status, seconds, retries)
  select id, outcome, total_duration_seconds, retry_count from new_rows where outcome is not null;
  return null;
end
$$;

create function log_ended_requests() returns trigger
  language plpgsql as $$
begin
  insert into ended_log (request_id, status, seconds, retries)
  select n.id, n.outcome, n.total_duration_seconds, n.retry_count
  from new_rows n join old_rows o using (id)
  where n.outcome is not null and o.outcome is null;
  return null;
end
$$;

create function log_new_stages() returns trigger
  language plpgsql as $$
begin
  insert into ended_log (request_id, stage_name, status, seconds, retries)
  select request_id, stage_name, status, duration_seconds, retry_count
  from new_rows where stage_has_ended(status, next_attempt_at);
  return null;
end
$$;

create function log_ended_stages() returns trigger
  language plpgsql as $$
begin
  insert into ended_log (request_id, stage_name, status, seconds, retries)
  select n.request_id, n.stage_name, n.status, n.duration_seconds, n.retry_count
  from new_rows n join old_rows o using (request_id, stage_name)
  where stage_has_ended(n.status, n.next_attempt_at) and not stage_has_ended(o.status, o.next_attempt_at);
  return null;
end
$$;

create trigger content_requests_log_new after insert on content_requests
  referencing new table as new_rows for each statement execute function log_new_requests();
create trigger content_requests_log_ended after update on content_requests
  referencing old table as old_rows new table as new_rows for each statement execute function log_ended_requests();
create trigger request_stages_log_new after insert on request_stages
  referencing new table as new_rows for each statement execute function log_new_stages();
create trigger request_stages_log_ended after update on request_stages
  referencing old table as old_rows new table as new_rows for each statement execute function log_ended_stages();

-- Adds the log to the counts. Returns how many rows it took. Each row is counted once: it is deleted in the statement
-- that counts it, and of several callers one does it.
create function count_ended() returns integer
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
      case when t.seconds is null then 0 else width_bucket(t.seconds, duration_bounds()) + 1 end as bucket
    from taken t
    left join content_requests r on r.id = t.request_id
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

-- A rule on a series that has never been there sees no increase when it appears: so it is there, at 0, from the start.
insert into ended_counts (pipeline_name, stage_name, status, bucket, total, sum_seconds, retries, exemplar_trace_id, exemplar_at)
select distinct pipeline_name, s.stage_name, s.status, 0, 0, 0::double precision, 0, '', now()
from pipeline_stage_definitions d,
  lateral (
    values ('', 'created'), ('', 'completed'), ('', 'failed'), ('', 'cancelled'), (d.stage_name, 'completed'), (d.stage_name, 'failed')
  ) s (stage_name, status);

-- From when on a table has no partition any more.
create function partitions_end_at(parent text) returns timestamptz
  language sql stable
  return (
    select max(identity_time_of(split_part(pg_get_expr(c.relpartbound, c.oid), '''', 4)::uuid))
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = parent::regclass and has_identity_time(nullif(split_part(pg_get_expr(c.relpartbound, c.oid), '''', 4), '')::uuid)
  );
