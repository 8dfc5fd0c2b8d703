-- What leaves, and when. Change `keep` in partition_policies and row_policies with an update; the next run obeys.

-- Tables without partitions: rows whose column is older than `keep` are deleted.
create table row_policies (
  table_name text primary key,
  time_column text not null,
  keep interval not null
);

insert into row_policies (table_name, time_column, keep) values
  ('dead_letters', 'received_at', '30 days'),
  ('request_status_changes', 'changed_at', '90 days'),
  ('circuit_breakers', 'received_at', '30 days'),
  ('circuit_breaker_history', 'changed_at', '13 months'),
  ('request_metrics', 'hour', '25 months'),
  ('request_quarters', 'quarter', '25 months');

create index on request_status_changes (changed_at);
create index on circuit_breaker_history (received_at);

-- Where kept time begins, in the calendar of UTC.
create function kept_since(policy partition_policies, moment timestamptz) returns timestamptz
  language sql stable
  return date_trunc(policy.step, (moment at time zone 'UTC') - policy.keep) at time zone 'UTC';

-- Partitions whose whole time has passed, oldest first, stages before their requests. `state` says what is left to do:
-- 'attached' (detach and drop), 'detaching' (a detach was interrupted: finalize and drop), 'detached' (drop).
create function expired_partitions(moment timestamptz)
  returns table (parent text, partition text, state text)
  language sql stable
begin atomic
  select p.table_name, c.relname::text,
    case when i.inhrelid is null then 'detached' when i.inhdetachpending then 'detaching' else 'attached' end
  from partition_policies p
  join pg_class c on c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and c.relname ~ ('^' || p.table_name || case p.step when 'day' then '_\d{4}_\d{2}_\d{2}$' else '_\d{4}_\d{2}$' end)
  left join pg_inherits i on i.inhrelid = c.oid
  where case p.step
      when 'day' then to_date(right(c.relname, 10), 'YYYY_MM_DD')::timestamp
      else to_date(right(c.relname, 7), 'YYYY_MM')::timestamp
    end + ('1 ' || p.step)::interval <= kept_since(p, moment) at time zone 'UTC'
  order by p.table_name <> 'request_stages', right(c.relname, 10), p.table_name;
end;

-- Foreign traces lie in permanent partitions: at most max_rows of one table that arrived before kept time began.
create function delete_expired_foreign(policy_table text, moment timestamptz, max_rows integer default 5000) returns integer
  language plpgsql
  set vividly.merging = 'on'
as $$
declare
  id_column text := case policy_table when 'content_requests' then 'id' else 'request_id' end;
  since timestamptz := (select kept_since(p, moment) from partition_policies p where p.table_name = policy_table);
  side text;
  gone integer;
  deleted integer := 0;
begin
  foreach side in array array['_foreign_low', '_foreign_high'] loop
    execute format(
      'delete from %1$I where ctid = any (array(select ctid from %1$I where received_at < $1 order by %2$I limit $2 for update skip locked))',
      policy_table || side, id_column
    ) using since, max_rows - deleted;
    get diagnostics gone = row_count;
    deleted := deleted + gone;
  end loop;
  return deleted;
end
$$;

-- At most max_rows of one table that are older than its policy keeps.
create function delete_expired_rows(policy_table text, moment timestamptz, max_rows integer default 5000) returns integer
  language plpgsql as $$
declare
  policy row_policies := (select p from row_policies p where p.table_name = policy_table);
  deleted integer;
begin
  execute format(
    'delete from %1$I where ctid = any (array(select ctid from %1$I where %2$I < $1 limit $2 for update skip locked))',
    policy.table_name, policy.time_column
  ) using (moment at time zone 'UTC' - policy.keep) at time zone 'UTC', max_rows;
  get diagnostics deleted = row_count;
  return deleted;
end
$$;

-- Derives a batch of requests again from their claims and stages, in order of their IDs after `after`. Returns the
-- last ID, null when there are none left: begin with null, commit after each.
create function rebuild_requests(after uuid default null, max_rows integer default 1000) returns uuid
  language plpgsql as $$
declare
  ids uuid[] := array(select id from content_requests where after is null or id > after order by id limit max_rows);
begin
  if ids = '{}' then
    return null;
  end if;
  perform lock_requests(ids);
  perform derive_requests(ids);
  return ids[cardinality(ids)];
end
$$;
