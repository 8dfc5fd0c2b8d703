-- Each of the following takes signals of requests whose rows the caller has locked, merges them into one table and
-- returns the requests in which that changed something. Nothing changes when everything was seen before.

-- Rows for requests not seen before, in the order of their IDs; derive_requests fills them.
create function record_requests(signals tracked_signal[], traces known_trace[]) returns void
  language sql
begin atomic
  with created as (
    insert into content_requests (id, foreign_trace_id, created_at)
    select s.request_id,
      nullif(max(t.trace_id), replace(s.request_id::text, '-', '')),
      coalesce(identity_time_of(s.request_id), timestamp_of_us(min(s.started_us)))
    from unnest(signals) s join unnest(traces) t using (request_id)
    group by s.request_id
    order by s.request_id
    on conflict do nothing
    returning id, status
  )
  insert into request_status_changes (request_id, to_status) select id, status from created;
end;

create function record_request_claims(signals tracked_signal[]) returns setof uuid
  language sql
begin atomic
  with claim as (
    select distinct on (s.request_id, c.field) s.request_id, c.field, jsonb_build_array(s.said_us, s.digest, c.value) as claim
    from unnest(signals) s,
      lateral (
        values
          ('pipeline', s.attributes -> 'vividly.pipeline.name'),
          ('organization', s.attributes -> 'vividly.organization.id')
        union all
        select field, value from (
          values
            ('student', s.attributes -> 'user.id'),
            ('topic', s.attributes -> 'vividly.request.topic'),
            ('learning_objective', s.attributes -> 'vividly.request.learning_objective'),
            ('video_url', s.attributes -> 'vividly.request.video_url'),
            ('thumbnail_url', s.attributes -> 'vividly.request.thumbnail_url'),
            ('script_text', s.attributes -> 'vividly.request.script_text'),
            ('started', case when s.kind = 'request_started' then 'true'::jsonb end),
            (s.outcome, case when s.outcome is not null then 'true'::jsonb end),
            ('error', s.error)
        ) request_level (field, value)
        where s.kind = 'root' or starts_with(s.kind, 'request_')
      ) c (field, value)
    where c.value <> 'null'
    order by s.request_id, c.field, s.said_us, s.digest
  ),
  claimed as (
    select request_id, jsonb_object_agg(field, claim) as claims from claim group by request_id
  ),
  earliest as (
    select request_id, timestamp_of_us(min(started_us)) as seen_at
    from unnest(signals) where not has_identity_time(request_id) group by request_id
  )
  update content_requests r
  set pipeline_name = claimed_text(r.pipeline_name, r.claims, c.claims, 'pipeline'),
    organization_id = claimed_text(r.organization_id, r.claims, c.claims, 'organization'),
    student_id = claimed_text(r.student_id, r.claims, c.claims, 'student'),
    topic = claimed_text(r.topic, r.claims, c.claims, 'topic'),
    learning_objective = claimed_text(r.learning_objective, r.claims, c.claims, 'learning_objective'),
    video_url = claimed_text(r.video_url, r.claims, c.claims, 'video_url'),
    thumbnail_url = claimed_text(r.thumbnail_url, r.claims, c.claims, 'thumbnail_url'),
    script_text = claimed_text(r.script_text, r.claims, c.claims, 'script_text'),
    reported_error = claimed_json(r.reported_error, r.claims, c.claims, 'error'),
    claims = merged_claims(r.claims, c.claims),
    created_at = least(r.created_at, c.seen_at)
  from (
    select request_id, coalesce(c.claims, '{}') as claims, e.seen_at
    from claimed c full join earliest e using (request_id)
  ) c
  where r.id = any (array(select request_id from unnest(signals)))
    and r.id = c.request_id
    and (merged_claims(r.claims, c.claims) <> r.claims or c.seen_at < r.created_at)
  returning r.id;
end;

-- The latest name said stays.
create function record_students(signals tracked_signal[]) returns void
  language sql
begin atomic
  insert into students as t (organization_id, student_id, full_name, named_at)
  select distinct on (organization_id, student_id) organization_id, student_id, full_name, named_at
  from (
    select coalesce(s.attributes ->> 'vividly.organization.id', '') as organization_id, s.attributes ->> 'user.id' as student_id,
      s.attributes ->> 'user.full_name' as full_name, timestamp_of_us(s.said_us) as named_at
    from unnest(signals) s
    where s.kind = 'root' or starts_with(s.kind, 'request_')
  ) n
  where student_id is not null and full_name is not null
  order by organization_id, student_id, named_at desc, full_name desc
  on conflict (organization_id, student_id) do update
    set full_name = excluded.full_name, named_at = excluded.named_at
    where (excluded.named_at, excluded.full_name) > (t.named_at, t.full_name);
end;
