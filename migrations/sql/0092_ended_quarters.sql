-- How many requests ended and in what time, by the quarter of an hour in which they ended: what a dashboard says of
-- today, without reading today's requests. Exact at every moment: a statement that ends requests notes what it changed
-- in its own transaction, and a reader adds what was noted to what is summed up.
create table ended_quarters (
  quarter timestamptz not null,
  -- Null: all organizations.
  organization_id text,
  completed integer not null,
  failed integer not null,
  -- Of those that completed, from creation to completion.
  sum_seconds numeric not null,
  unique nulls not distinct (organization_id, quarter)
);

-- What is not summed up yet. A row lives for seconds; without a key, so that writers never wait for each other.
create table ended_quarter_changes (
  quarter timestamptz not null,
  organization_id text,
  completed integer not null,
  failed integer not null,
  sum_seconds numeric not null
);

create view ended_by_quarter as
select quarter, organization_id, completed, failed, sum_seconds from ended_quarters
union all
select quarter, organization_id, completed, failed, sum_seconds from ended_quarter_changes;

-- No day that is today anywhere on earth began earlier; what ended before is of no use here.
create function todays_begin(moment timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin('15 minutes', moment - interval '2 days', 'epoch');

create function note_new_ended() returns trigger
  language plpgsql as $$
begin
  insert into ended_quarter_changes (quarter, organization_id, completed, failed, sum_seconds)
  select date_bin('15 minutes', coalesce(completed_at, failed_at), 'epoch') as quarter, organization_id, count(completed_at),
    count(failed_at), coalesce(sum(total_duration_seconds) filter (where completed_at is not null), 0)
  from new_rows
  where outcome in ('completed', 'failed') and coalesce(completed_at, failed_at) >= todays_begin(now())
  group by grouping sets ((quarter), (quarter, organization_id))
  having grouping(organization_id) = 1 or organization_id is not null;
  return null;
end
$$;

create function note_changed_ended() returns trigger
  language plpgsql as $$
begin
  insert into ended_quarter_changes (quarter, organization_id, completed, failed, sum_seconds)
  select date_bin('15 minutes', coalesce(s.completed_at, s.failed_at), 'epoch') as quarter, s.organization_id,
    coalesce(sum(s.sign) filter (where s.completed_at is not null), 0),
    coalesce(sum(s.sign) filter (where s.failed_at is not null), 0),
    coalesce(sum(s.sign * s.total_duration_seconds) filter (where s.completed_at is not null), 0)
  from new_rows n
  join old_rows o on o.id = n.id
  cross join lateral (
    values (1, n.organization_id, n.completed_at, n.failed_at, n.total_duration_seconds),
      (-1, o.organization_id, o.completed_at, o.failed_at, o.total_duration_seconds)
  ) s (sign, organization_id, completed_at, failed_at, total_duration_seconds)
  where (n.outcome is not null or o.outcome is not null)
    and (n.organization_id, n.completed_at, n.failed_at, n.total_duration_seconds)
      is distinct from (o.organization_id, o.completed_at, o.failed_at, o.total_duration_seconds)
    and coalesce(s.completed_at, s.failed_at) >= todays_begin(now())
  group by grouping sets ((quarter), (quarter, s.organization_id))
  having grouping(s.organization_id) = 1 or s.organization_id is not null;
  return null;
end
$$;

create function note_deleted_ended() returns trigger
  language plpgsql as $$
begin
  insert into ended_quarter_changes (quarter, organization_id, completed, failed, sum_seconds)
  select date_bin('15 minutes', coalesce(completed_at, failed_at), 'epoch') as quarter, organization_id, -count(completed_at),
    -count(failed_at), -coalesce(sum(total_duration_seconds) filter (where completed_at is not null), 0)
  from old_rows
  where outcome in ('completed', 'failed') and coalesce(completed_at, failed_at) >= todays_begin(now())
  group by grouping sets ((quarter), (quarter, organization_id))
  having grouping(organization_id) = 1 or organization_id is not null;
  return null;
end
$$;

create trigger content_requests_note_new_ended after insert on content_requests
  referencing new table as new_rows for each statement execute function note_new_ended();
create trigger content_requests_note_changed_ended after update on content_requests
  referencing old table as old_rows new table as new_rows for each statement execute function note_changed_ended();
create trigger content_requests_note_deleted_ended after delete on content_requests
  referencing old table as old_rows for each statement execute function note_deleted_ended();

-- Sums up what was noted, and forgets what no today needs. Each row is added once: it is deleted in the statement that
-- adds it. Returns how many rows it took; of several callers one does it.
create function sum_up_ended() returns integer
  language plpgsql as $$
declare
  taken integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('sum_up_ended')) then
    return 0;
  end if;
  with noted as (
    delete from ended_quarter_changes returning *
  ),
  added as (
    insert into ended_quarters as q (quarter, organization_id, completed, failed, sum_seconds)
    select quarter, organization_id, sum(completed), sum(failed), sum(sum_seconds)
    from noted
    group by quarter, organization_id
    on conflict (organization_id, quarter) do update
      set completed = q.completed + excluded.completed, failed = q.failed + excluded.failed,
        sum_seconds = q.sum_seconds + excluded.sum_seconds
  )
  select count(*) into taken from noted;
  delete from ended_quarters where quarter < todays_begin(now()) - interval '1 day';
  return taken;
end
$$;

-- Counts the requests that ended of late anew, from themselves: where they were written past the triggers.
create function make_ended_quarters() returns void
  language plpgsql as $$
begin
  lock table content_requests in share mode;
  delete from ended_quarter_changes;
  delete from ended_quarters;
  insert into ended_quarters (quarter, organization_id, completed, failed, sum_seconds)
  select date_bin('15 minutes', r.ended_at, 'epoch') as quarter, r.organization_id, sum(r.completed), sum(1 - r.completed),
    sum(r.completed * r.seconds)
  from (
    select completed_at as ended_at, organization_id, 1 as completed, total_duration_seconds as seconds
    from content_requests where completed_at >= todays_begin(now())
    union all
    select failed_at, organization_id, 0, 0 from content_requests where failed_at >= todays_begin(now())
  ) r
  group by grouping sets ((quarter), (quarter, organization_id))
  having grouping(organization_id) = 1 or organization_id is not null;
end
$$;

select make_ended_quarters();

-- In flight of one organization.
create index content_requests_in_flight_of_organization on content_requests (organization_id)
  where outcome is null;
