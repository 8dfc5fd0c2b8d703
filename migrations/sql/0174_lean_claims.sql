-- Claims are gathered once a batch. The functions of before stay until merge_signals calls these.

-- The best claim to each field of each request among these signals.
create or replace function claims_in(signals tracked_signal[]) returns setof request_claim
  language sql stable
begin atomic
  select distinct on (c.request_id, c.field) c.request_id, c.field, c.us, c.digest, c.value
  from (
    select s.request_id, f.field, s.said_us as us, s.digest, f.value
    from unnest(signals) s,
      lateral (
        values
          ('pipeline', s.attributes -> 'vividly.pipeline.name'),
          ('organization', s.attributes -> 'vividly.organization.id')
      ) f (field, value)
    where s.attributes ?| array['vividly.pipeline.name', 'vividly.organization.id']
    union all
    select s.request_id, f.field, s.said_us, s.digest, f.value
    from unnest(signals) s,
      lateral (
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
      ) f (field, value)
    where s.kind = 'root' or starts_with(s.kind, 'request_')
  ) c
  where c.request_id is not null and c.value <> 'null'
  order by c.request_id, c.field, c.us, c.digest;
end;

-- As before (0053), from claims that were gathered once.
create function record_requests(claims request_claim[], signals tracked_signal[], traces known_trace[], request_ids uuid[])
  returns setof uuid
  language plpgsql
as $$
declare
  fresh uuid[] := array(
    select n.request_id
    from (select unnest(request_ids) as request_id) n
    left join (
      select r.id from content_requests r
      where r.id = any (request_ids) and r.id >= request_ids[1] and r.id <= request_ids[cardinality(request_ids)]
    ) present on present.id = n.request_id
    where present.id is null
  );
begin
  if fresh = '{}' then
    return;
  end if;
  return query
    with claimed as (
      select c.request_id, jsonb_object_agg(c.field, c.value) as won,
        jsonb_object_agg(c.field, jsonb_build_array(c.us, c.digest)) as claims
      from unnest(record_requests.claims) c
      where c.request_id = any (fresh)
      group by c.request_id
    ),
    created as (
      insert into content_requests
        (id, foreign_trace_id, created_at, pipeline_name, organization_id, student_id, topic, learning_objective, video_url,
          thumbnail_url, script_text, reported_error, claims)
      select n.request_id, nullif(n.trace_id, replace(n.request_id::text, '-', '')),
        coalesce(
          identity_time_of(n.request_id),
          (select timestamp_of_us(min(s.started_us)) from unnest(signals) s where s.request_id = n.request_id)
        ),
        coalesce(c.won ->> 'pipeline', 'content_generation'), c.won ->> 'organization', c.won ->> 'student', c.won ->> 'topic',
        c.won ->> 'learning_objective', c.won ->> 'video_url', c.won ->> 'thumbnail_url', c.won ->> 'script_text',
        c.won -> 'error', coalesce(c.claims, '{}')
      from (
        select t.request_id, max(t.trace_id) as trace_id from unnest(traces) t where t.request_id = any (fresh) group by t.request_id
      ) n
      left join claimed c on c.request_id = n.request_id
      order by n.request_id
      on conflict do nothing
      returning id, status
    ),
    logged as (
      insert into request_status_changes (request_id, to_status) select id, status from created
    )
    select id from created;
end
$$;

create function record_request_claims(claims request_claim[], signals tracked_signal[], request_ids uuid[]) returns setof uuid
  language plpgsql
as $$
declare
  best request_claim[];
  first_id uuid := request_ids[1];
  last_id uuid := request_ids[cardinality(request_ids)];
begin
  if claims <> '{}' then
    best := array(
      select c
      from unnest(claims) c
      join content_requests r on r.id = c.request_id
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and claim_beats(c.us, c.digest, r.claims -> c.field)
    );
  end if;
  if best <> '{}' then
    return query
      update content_requests r
      set pipeline_name = coalesce(c.won ->> 'pipeline', r.pipeline_name),
        organization_id = coalesce(c.won ->> 'organization', r.organization_id),
        student_id = coalesce(c.won ->> 'student', r.student_id),
        topic = coalesce(c.won ->> 'topic', r.topic),
        learning_objective = coalesce(c.won ->> 'learning_objective', r.learning_objective),
        video_url = coalesce(c.won ->> 'video_url', r.video_url),
        thumbnail_url = coalesce(c.won ->> 'thumbnail_url', r.thumbnail_url),
        script_text = coalesce(c.won ->> 'script_text', r.script_text),
        reported_error = coalesce(c.won -> 'error', r.reported_error),
        claims = r.claims || c.claims
      from (
        select b.request_id, jsonb_object_agg(b.field, b.value) as won,
          jsonb_object_agg(b.field, jsonb_build_array(b.us, b.digest)) as claims
        from unnest(best) b
        group by b.request_id
      ) c
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = c.request_id
      returning r.id;
    if exists (select from unnest(best) b where b.field = 'pipeline') then
      perform order_stages(array(select b.request_id from unnest(best) b where b.field = 'pipeline' order by b.request_id));
    end if;
  end if;
  -- A foreign trace was created when it was first seen.
  if exists (select from unnest(request_ids) id where not has_identity_time(id)) then
    return query
      update content_requests r
      set created_at = e.seen_at
      from (
        select s.request_id, timestamp_of_us(min(s.started_us)) as seen_at
        from unnest(signals) s
        where not has_identity_time(s.request_id)
        group by s.request_id
      ) e
      where r.id = any (request_ids) and r.id >= first_id and r.id <= last_id and r.id = e.request_id and e.seen_at < r.created_at
      returning r.id;
  end if;
end
$$;
