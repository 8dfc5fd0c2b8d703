-- A student's erasure: everything told of their requests leaves, and what comes late is refused or leaves too.

-- Who asked for what; kept as the proof that it was done. What is written after a request for erasure is new business.
create table erasures (
  id uuid primary key default gen_random_uuid(),
  -- Null: students that are named without an organization.
  organization_id text,
  -- Null once nothing late can come any more; the digest still tells whether a given student was erased.
  student_id text,
  student_digest bytea not null,
  -- A token's name, or who called the command.
  requested_by text not null,
  requested_at timestamptz not null default now(),
  -- What left so far, late data included, and when something did last.
  requests bigint not null default 0,
  dead_letters bigint not null default 0,
  last_found_at timestamptz,
  -- Dead letters older than this were looked through.
  looked_at timestamptz
);

create index on erasures (requested_at);

-- Requests that are gone for good: what is told of them is refused. Kept for longer than any ID is accepted.
create table erased_requests (
  request_id uuid primary key,
  erased_at timestamptz not null default now()
);

create index on erased_requests (erased_at);

insert into row_policies (table_name, time_column, keep) values
  ('erased_requests', 'erased_at', '14 months'),
  ('erasures', 'requested_at', '5 years');

create function student_digest(organization_id text, student_id text) returns bytea
  language sql immutable parallel safe
  return sha256(convert_to(coalesce(organization_id, '') || '/' || student_id, 'UTF8'));

-- What one batch has to know of a trace, found out once; also that its request was erased.
create or replace function known_traces(trace_ids text[], moment timestamptz) returns setof known_trace
  language sql stable
begin atomic
  select t.trace_id, r.request_id, o.own is not null,
    case
      when i.own_time < w.since then 'too_old' when i.own_time > w.until then 'too_far_ahead' when e.is_erased then 'erased'
    end,
    case
      when i.own_time < w.since then format('%s is older than what is kept: since %s', o.own, w.since)
      when i.own_time > w.until then format('%s lies more than a day ahead', o.own)
      when e.is_erased then 'the request was erased with its student'
    end
  from (select distinct unnest(trace_ids) as trace_id) t,
    lateral (select own_correlation_id_of(t.trace_id) as own offset 0) o,
    lateral (
      select case when o.own is not null then t.trace_id::uuid else request_id_of(t.trace_id) end as request_id offset 0
    ) r,
    lateral (
      select case when o.own is not null
        then timestamptz 'epoch' + substr(t.trace_id, 4, 13)::bigint * interval '1 millisecond' end as own_time
    ) i,
    lateral (select exists (select from erased_requests x where x.request_id = r.request_id) as is_erased) e,
    (select accepted_since(moment) as since, accepted_until(moment) as until offset 0) w
  where t.trace_id is not null;
end;

-- What was refused for an erasure must not stay among the refused.
create function forget_payload() returns trigger
  language plpgsql as $$
begin
  new.payload := null;
  return new;
end
$$;

create trigger dead_letters_of_erased before insert or update on dead_letters
  for each row when (new.reason = 'erased' and new.payload is not null) execute function forget_payload();

-- Deletes what is known of at most max_requests requests of one erasure, the newest last, and what came late of requests
-- erased within the last hour: a batch that was under way. Listeners hear that the requests are gone. Returns how many
-- requests it found: call again while it is max_requests.
create function erase_batch(erasure_id uuid, max_requests integer default 200) returns integer
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

-- Looks again for what every erasure still awaits, one batch each; after 35 days nothing late can come and the student's
-- ID itself is forgotten. Returns how many requests were found.
create function erase_late(moment timestamptz default now()) returns integer
  language plpgsql as $$
declare
  found integer;
begin
  -- One replica at a time is enough.
  if not pg_try_advisory_xact_lock(hashtext('erase_late')) then
    return 0;
  end if;
  update erasures set student_id = null where student_id is not null and requested_at < moment - interval '35 days';
  select coalesce(sum(erase_batch(id)), 0) into found
  from (select id from erasures where student_id is not null order by requested_at) awaiting;
  return found;
end
$$;
