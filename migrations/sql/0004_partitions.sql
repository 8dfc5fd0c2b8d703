-- Range partitions by request ID: the ID carries its time, so an ID finds its partition with no time range given
-- and old days leave by dropping partitions. No default partition: it forbids DETACH … CONCURRENTLY.

create table partition_policies (
  table_name text primary key,
  -- 'day' or 'month'.
  step text not null check (step in ('day', 'month')),
  -- How long partitions are kept, and how far ahead they are made.
  keep interval not null,
  ahead interval not null
);

insert into partition_policies (table_name, step, keep, ahead) values
  ('content_requests', 'month', '13 months', '2 months'),
  ('request_stages', 'month', '13 months', '2 months'),
  ('request_events', 'day', '30 days', '7 days'),
  ('request_spans', 'day', '30 days', '7 days');

-- An ID of ours outside this window is refused. Days and months are those of UTC everywhere.
create function accepted_since(moment timestamptz) returns timestamptz
  language sql stable
  return (
    select max(date_trunc(step, (moment - keep) at time zone 'UTC') at time zone 'UTC') from partition_policies
  );

create function accepted_until(moment timestamptz) returns timestamptz
  language sql immutable
  return moment + interval '1 day';

-- Makes the partition of one table that holds a moment, if it is missing. Returns its name.
-- LIKE and ATTACH, not PARTITION OF: the parent is locked against nothing but other changes of its structure.
create function ensure_partition(parent text, step text, moment timestamptz) returns text
  language plpgsql as $$
declare
  opens timestamp := date_trunc(step, moment at time zone 'UTC');
  closes timestamp := opens + ('1 ' || step)::interval;
  partition text := parent || to_char(opens, case step when 'day' then '_YYYY_MM_DD' else '_YYYY_MM' end);
begin
  if to_regclass(partition) is not null then
    return partition;
  end if;
  perform pg_advisory_xact_lock(hashtext(partition));
  if to_regclass(partition) is not null then
    return partition;
  end if;
  execute format('create table %I (like %I including all)', partition, parent);
  execute format(
    'alter table %I attach partition %I for values from (%L) to (%L)',
    parent, partition,
    first_request_id_at(opens at time zone 'UTC'), first_request_id_at(closes at time zone 'UTC')
  );
  return partition;
end
$$;

-- Makes what is missing from yesterday to as far ahead as the policies say. Returns how many partitions it made sure of.
create function ensure_partitions(moment timestamptz default now()) returns integer
  language plpgsql as $$
declare
  ensured integer;
begin
  select count(ensure_partition(p.table_name, p.step, opens at time zone 'UTC')) into ensured
  from partition_policies p,
    generate_series(
      date_trunc(p.step, (moment - interval '1 day') at time zone 'UTC'),
      (moment + p.ahead) at time zone 'UTC',
      ('1 ' || p.step)::interval
    ) as opens;
  return ensured;
end
$$;

-- Makes the partitions that these request IDs need.
create function ensure_partitions_of(request_ids uuid[]) returns void
  language plpgsql as $$
begin
  perform ensure_partition(p.table_name, p.step, d.opens at time zone 'UTC')
  from partition_policies p,
    lateral (
      select distinct date_trunc(p.step, identity_time_of(id) at time zone 'UTC') as opens
      from unnest(request_ids) as id
      where has_identity_time(id)
    ) d;
end
$$;

-- Foreign traces: below c1d0… and from c1da… on.
do $$
declare
  parent text;
begin
  foreach parent in array array['content_requests', 'request_stages', 'request_events', 'request_spans'] loop
    execute format(
      'create table %I partition of %I for values from (minvalue) to (%L)',
      parent || '_foreign_low', parent, 'c1d00000-0000-0000-0000-000000000000'
    );
    execute format(
      'create table %I partition of %I for values from (%L) to (maxvalue)',
      parent || '_foreign_high', parent, 'c1da0000-0000-0000-0000-000000000000'
    );
  end loop;
end
$$;

select ensure_partitions();
