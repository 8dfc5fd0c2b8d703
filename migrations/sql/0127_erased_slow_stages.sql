create index on slow_stages (request_id);

-- Deletes what is known of at most max_requests requests of one erasure, the newest last, and what came late of requests
-- erased within the last hour: a batch that was under way. Listeners hear that the requests are gone. Returns how many
-- requests it found: call again while it is max_requests.
create or replace function erase_batch(erasure_id uuid, max_requests integer default 200) returns integer
  language plpgsql
  set vividly.merging = 'on'
as $$
declare
  e erasures := (select x from erasures x where x.id = erasure_id);
  ids uuid[] := array(
    select r.id from content_requests r
    where r.student_id = e.student_id and r.organization_id is not distinct from e.organization_id and r.created_at < e.requested_at
    order by r.id
    limit max_requests
  );
  late uuid[];
  letters integer;
begin
  perform lock_requests(ids);
  insert into erased_requests (request_id) select unnest(ids) on conflict do nothing;
  with gone as (
    delete from content_requests where id = any (ids) returning id, organization_id, version
  )
  insert into change_log (request_id, organization_id, version) select id, organization_id, version + 1 from gone;

  late := ids || array(select request_id from erased_requests where erased_at > now() - interval '1 hour');
  delete from request_stages where request_id = any (late);
  delete from request_events where request_id = any (late);
  delete from request_spans where request_id = any (late);
  delete from request_status_changes where request_id = any (late);
  delete from ended_log where request_id = any (late);
  delete from slow_stages where request_id = any (late);

  -- Who looked at what stays; what they typed to find this student does not. Later reads can't show the name.
  if e.looked_at is null then
    update personal_reads p
    set query = p.query - array['student', 'q']
    from (
      select max(full_name) as full_name from students
      where organization_id = coalesce(e.organization_id, '') and student_id = e.student_id
    ) s
    where (p.organization_id is null or p.organization_id is not distinct from e.organization_id)
      and (
        p.query ->> 'student' = e.student_id
        or position(lower(p.query ->> 'q') in lower(concat_ws(' ', e.student_id, s.full_name))) > 0
        or position(lower(e.student_id) in lower(p.query ->> 'q')) > 0
        or position(lower(s.full_name) in lower(p.query ->> 'q')) > 0
      );
  end if;

  delete from students
  where organization_id = coalesce(e.organization_id, '') and student_id = e.student_id and named_at < e.requested_at;

  delete from dead_letters d
  where d.received_at >= coalesce(e.looked_at - interval '5 minutes', '-infinity')
    and (
      trace_of_dead_letter(d.payload) = any (array(select replace(id::text, '-', '') from unnest(ids) id))
      or (d.organization_id is null or d.organization_id = e.organization_id)
        and position(to_json(e.student_id)::text in d.payload::text) > 0
    );
  get diagnostics letters = row_count;

  update erasures x
  set requests = x.requests + cardinality(ids), dead_letters = x.dead_letters + letters, looked_at = now(),
    last_found_at = case when ids <> '{}' or letters > 0 then now() else x.last_found_at end
  where x.id = erasure_id;
  return cardinality(ids);
end
$$;
