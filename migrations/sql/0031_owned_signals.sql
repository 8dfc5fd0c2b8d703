-- record_signals for senders that may write one organization only. Such a sender's signals carry a field `owner`; one
-- that is of a request which is not the owner's is refused. A request that nobody owns is not an owner's either.
--
-- Of two owners who begin a request at the same moment one waits for the other, and is refused: the lock is taken
-- before the request is looked up, in a statement of its own, so that the look sees what the other committed.
create function record_owned_signals(spans json, logs json, refusals json)
  returns table (signal text, reason text, detail text)
  language plpgsql
as $$
declare
  request_ids uuid[] := array(
    select distinct request_id_of(s ->> 'trace_id')
    from (select json_array_elements(spans) union all select json_array_elements(logs)) x (s)
    where s ->> 'owner' is not null and s ->> 'trace_id' is not null
    order by 1
  );
  own_spans json;
  own_logs json;
  foreign_records json;
begin
  if request_ids = '{}' then
    return query select r.signal, r.reason, r.detail from record_signals(spans, logs, refusals) r;
    return;
  end if;

  perform pg_advisory_xact_lock(hashtextextended(id::text, 31)) from unnest(request_ids) id;

  select
    coalesce(json_agg(k.s) filter (where k.signal = 'span' and not k.is_foreign), '[]'),
    coalesce(json_agg(k.s) filter (where k.signal = 'log_record' and not k.is_foreign), '[]'),
    coalesce(json_agg(json_build_object(
      'signal', k.signal, 'reason', 'foreign_request',
      'detail', 'the request is not of the token''s organization', 'payload', k.s
    )) filter (where k.is_foreign), '[]')
  into own_spans, own_logs, foreign_records
  from (
    select 'span' as signal, s, is_of_another(s) as is_foreign from json_array_elements(spans) s
    union all
    select 'log_record', s, is_of_another(s) from json_array_elements(logs) s
  ) k;
  return query
    select r.signal, r.reason, r.detail
    from record_signals(
      own_spans, own_logs,
      (
        select coalesce(json_agg(x.s), '[]')
        from (select json_array_elements(refusals) union all select json_array_elements(foreign_records)) x (s)
      )
    ) r
    union all
    select f ->> 'signal', f ->> 'reason', f ->> 'detail' from json_array_elements(foreign_records) f;
end
$$;

-- Whether a signal has an owner and is of a request that is not the owner's.
create function is_of_another(signal json) returns boolean
  language sql stable
  return exists (
    select from content_requests r
    where signal ->> 'owner' is not null and r.id = request_id_of(signal ->> 'trace_id')
      and r.organization_id is distinct from signal ->> 'owner'
  );
