-- Triggers: whoever writes, psql or a script, gets the same truth as ingest, which does all this itself
-- (`vividly.merging` is on inside it).

create function is_merging() returns boolean
  language sql stable
  return coalesce(current_setting('vividly.merging', true), '') = 'on';

-- A direct write of a request: a status set to an end is a claim like any other, any other status is derived again.
create function requests_written() returns trigger
  language plpgsql as $$
declare
  ids uuid[] := array(select id from new_rows);
begin
  if is_merging() or ids = '{}' then
    return null;
  end if;
  perform set_config('vividly.merging', 'on', true);
  perform lock_requests(ids);
  if tg_op = 'INSERT' then
    update content_requests r
    set claims = merged_claims(r.claims, direct_claims(n.status, n.completed_at, n.failed_at, n.cancelled_at))
    from new_rows n where r.id = n.id and is_terminal(n.status);
    insert into request_status_changes (request_id, to_status) select id, status from new_rows;
  else
    update content_requests r
    set status = o.status,
      claims = (case when is_terminal(o.status) then r.claims - o.status::text else r.claims end)
        || coalesce(direct_claims(n.status, n.completed_at, n.failed_at, n.cancelled_at), '{}')
    from new_rows n join old_rows o using (id)
    where r.id = n.id and n.status <> o.status;
  end if;
  update content_requests r
  set reported_error = jsonb_build_object('message', n.error_message, 'stage', n.error_stage, 'details', n.error_details)
  from new_rows n
  where r.id = n.id and num_nonnulls(n.error_message, n.error_stage, n.error_details) > 0 and n.status = 'failed'
    and r.reported_error is null;
  perform derive_requests(ids);
  insert into request_events (request_id, id, event_type, event_message, severity, created_at, is_derived)
  select r.id, event_id_of(t.event_type, null, null, null, null), t.event_type, t.event_message, t.severity, t.at, true
  from content_requests r,
    lateral (
      values
        ('request_created', 'Request created', 'info'::event_severity, case when tg_op = 'INSERT' then r.created_at end),
        ('request_completed', 'Request completed', 'info', r.completed_at),
        ('request_failed', coalesce(r.error_message, 'Request failed'), 'error', r.failed_at),
        ('request_cancelled', 'Request cancelled', 'warning', r.cancelled_at)
    ) t (event_type, event_message, severity, at)
  where r.id = any (ids) and t.at is not null
  on conflict do nothing;
  perform set_config('vividly.merging', 'off', true);
  return null;
end
$$;

create function direct_claims(
  status request_status, completed_at timestamptz, failed_at timestamptz, cancelled_at timestamptz
) returns jsonb
  language sql stable
  return case when is_terminal(status) then
    jsonb_build_object(status, jsonb_build_array(
      epoch_us(coalesce(case status when 'completed' then completed_at when 'failed' then failed_at else cancelled_at end, now())),
      ''
    ))
  end;

create function stages_written() returns trigger
  language plpgsql as $$
declare
  ids uuid[];
begin
  if is_merging() then
    return null;
  end if;
  ids := array(select distinct request_id from changed_rows);
  if ids = '{}' then
    return null;
  end if;
  perform set_config('vividly.merging', 'on', true);
  perform lock_requests(ids);
  if tg_op <> 'DELETE' then
    update request_stages s
    set started_at = case when s.status = 'in_progress' then coalesce(s.started_at, now()) else s.started_at end,
      completed_at = case when s.status in ('completed', 'failed', 'skipped') then coalesce(s.completed_at, now()) end
    from changed_rows c
    where (s.request_id, s.stage_name) = (c.request_id, c.stage_name)
      and (s.status = 'in_progress' and s.started_at is null
        or (s.completed_at is null) = (s.status in ('completed', 'failed', 'skipped')));
    insert into request_events
      (request_id, id, event_type, event_message, stage_name, attempt, severity, created_at, is_derived)
    select s.request_id, event_id_of(t.event_type, s.stage_name, s.attempt, null, null), t.event_type,
      format('Stage %s %s', s.stage_name, t.word), s.stage_name, s.attempt, t.severity, t.at, true
    from changed_rows c
    join request_stages s on (s.request_id, s.stage_name) = (c.request_id, c.stage_name),
      lateral (
        values
          ('stage_started', 'started', 'info'::event_severity, s.started_at),
          ('stage_' || s.status, s.status::text, case s.status when 'failed' then 'error' else 'info' end::event_severity, s.completed_at)
      ) t (event_type, word, severity, at)
    where t.at is not null
    on conflict do nothing;
  end if;
  perform derive_requests(ids);
  perform set_config('vividly.merging', 'off', true);
  return null;
end
$$;

create trigger content_requests_inserted after insert on content_requests
  referencing new table as new_rows for each statement execute function requests_written();
create trigger content_requests_updated after update on content_requests
  referencing old table as old_rows new table as new_rows for each statement execute function requests_written();
create trigger request_stages_inserted after insert on request_stages
  referencing new table as changed_rows for each statement execute function stages_written();
create trigger request_stages_updated after update on request_stages
  referencing new table as changed_rows for each statement execute function stages_written();
create trigger request_stages_deleted after delete on request_stages
  referencing old table as changed_rows for each statement execute function stages_written();
