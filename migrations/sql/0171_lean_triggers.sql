-- Triggers look first whether there is anything to note: joining what changed costs ten times as much, whatever it finds.

create or replace function note_changed_ended() returns trigger
  language plpgsql as $$
begin
  if not exists (select from new_rows where outcome is not null) and not exists (select from old_rows where outcome is not null) then
    return null;
  end if;
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

create or replace function log_ended_requests() returns trigger
  language plpgsql as $$
begin
  if exists (select from new_rows where outcome is not null) then
    insert into ended_log (request_id, status, seconds, retries)
    select n.id, n.outcome, n.total_duration_seconds, n.retry_count
    from new_rows n join old_rows o using (id)
    where n.outcome is not null and o.outcome is null;
  end if;
  return null;
end
$$;

create or replace function log_ended_stages() returns trigger
  language plpgsql as $$
begin
  if exists (select from new_rows where stage_has_ended(status, next_attempt_at)) then
    insert into ended_log (request_id, stage_name, status, seconds, retries)
    select n.request_id, n.stage_name, n.status, n.duration_seconds, n.retry_count
    from new_rows n join old_rows o using (request_id, stage_name)
    where stage_has_ended(n.status, n.next_attempt_at) and not stage_has_ended(o.status, o.next_attempt_at);
  end if;
  return null;
end
$$;
