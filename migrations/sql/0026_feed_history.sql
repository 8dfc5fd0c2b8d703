-- Which history of transactions a cursor belongs to. Transaction numbers mean nothing in another history: in a dump
-- restored elsewhere, a copy of the database, or a standby that was promoted and may have lost the last commits.

-- Names the history that this database is in now: cluster, timeline (a promotion begins a new one) and database.
create function transaction_history() returns text
  language sql stable
  return concat_ws(
    '/',
    (select system_identifier from pg_control_system()),
    case when pg_is_in_recovery() then 'standby' else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end,
    (select oid from pg_database where datname = current_database())
  );

alter table change_feed_epoch rename to change_feed;

-- The epoch as it is told: another in another history, with nothing written by anyone. What the log of another
-- history had trimmed lies ahead of this one's transactions, or is passed by them soon.
create view change_feed_epoch as
select only_row,
  substr(md5(epoch || '/' || transaction_history()), 1, 12) as epoch,
  trimmed_xid
from change_feed;

create or replace function stream_cursor() returns text
  language sql stable
  return (select epoch from change_feed_epoch) || '.' || pg_snapshot_xmin(pg_current_snapshot());

-- Deletes at most max_rows changes older than `keep`, oldest first. Returns how many: call again while it is max_rows.
-- Only of transactions before every one that runs: so a reader whose last look saw all up to trimmed_xid has heard
-- of all that is gone, and any other reader can tell that it has not.
create or replace function trim_change_log(keep interval default '2 hours', max_rows integer default 10000) returns integer
  language plpgsql as $$
declare
  trimmed integer;
  greatest_xid xid8;
begin
  -- The oldest are looked at first and only so many, whether or not they are old enough.
  with oldest as (
    select seq, changed_at, xid from change_log order by seq limit max_rows
  ),
  gone as (
    delete from change_log c using oldest o
    where c.seq = o.seq and o.changed_at < clock_timestamp() - keep
      -- Those ahead were restored from another history.
      and (o.xid < pg_snapshot_xmin(pg_current_snapshot()) or o.xid >= pg_snapshot_xmax(pg_current_snapshot()))
    returning c.xid
  )
  select count(*), max(xid) filter (where xid < pg_snapshot_xmin(pg_current_snapshot()))
  into trimmed, greatest_xid from gone;
  if greatest_xid is not null then
    update change_feed
    set trimmed_xid = case when trimmed_xid < pg_snapshot_xmax(pg_current_snapshot())
      then greatest(trimmed_xid, greatest_xid) else greatest_xid end;
  end if;
  return trimmed;
end
$$;
