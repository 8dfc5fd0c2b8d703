-- Joins that make merging free of order. A field is taken from the least (time, digest) that has it; what it was
-- taken from stands in `claims`: {"<field>": [<microseconds since the epoch>, "<digest>", <value>?], …}.

-- Stable, not immutable, because the operators inside are: else Postgres would not inline them, and calling them
-- took a third of the ingest's time.
create function epoch_us(moment timestamptz) returns bigint
  language sql stable strict parallel safe
  return (extract(epoch from moment) * 1000000)::bigint;

create function timestamp_of_us(us bigint) returns timestamptz
  language sql stable strict parallel safe
  return timestamptz 'epoch' + us * interval '1 microsecond';

-- Whether `claimed` has a better claim to a field than `claims`.
create function claim_wins(claims jsonb, claimed jsonb, field text) returns boolean
  language sql immutable parallel safe
  return case
    when claimed -> field is null then false
    when claims -> field is null then true
    else ((claimed -> field ->> 0)::bigint, claimed -> field ->> 1) < ((claims -> field ->> 0)::bigint, claims -> field ->> 1)
  end;

create function claimed_text(current_value text, claims jsonb, claimed jsonb, field text) returns text
  language sql immutable parallel safe
  return case when claim_wins(claims, claimed, field) then claimed -> field ->> 2 else current_value end;

create function claimed_json(current_value jsonb, claims jsonb, claimed jsonb, field text) returns jsonb
  language sql immutable parallel safe
  return case when claim_wins(claims, claimed, field) then claimed -> field -> 2 else current_value end;

-- `claims` with the better ones of `claimed`, values left out.
create function merged_claims(claims jsonb, claimed jsonb) returns jsonb
  language plpgsql immutable parallel safe
as $$
declare
  field text;
begin
  for field in select jsonb_object_keys(claimed) loop
    if claim_wins(claims, claimed, field) then
      claims := claims || jsonb_build_object(field, (claimed -> field) - 2);
    end if;
  end loop;
  return claims;
end
$$;

-- The outcome of a stage is the greatest (attempt, rank, ended_at).
create function stage_rank(status stage_status) returns integer
  language sql immutable parallel safe
  return case status
    when 'pending' then 0 when 'in_progress' then 1 when 'skipped' then 2 when 'failed' then 3 when 'completed' then 4
  end;

create function is_terminal(status request_status) returns boolean
  language sql immutable parallel safe
  return status in ('completed', 'failed', 'cancelled');

create function is_life_cycle(event_type text) returns boolean
  language sql immutable parallel safe
  return event_type in (
    'request_created', 'request_started', 'request_completed', 'request_failed', 'request_cancelled',
    'stage_started', 'stage_completed', 'stage_failed', 'stage_skipped'
  );

-- What makes an event one and the same: life-cycle events and heartbeats their stage, attempt and type,
-- all others their uid, else a digest of their content. (Stable, not immutable, so that Postgres inlines it.)
create function event_id_of(event_type text, stage_name text, attempt integer, uid text, digest text) returns uuid
  language sql stable parallel safe
  return md5(
    case
      when is_life_cycle(event_type) or event_type = 'stage_heartbeat'
      then concat_ws('/', event_type, stage_name, attempt)
      else coalesce('uid/' || uid, 'digest/' || digest)
    end
  )::uuid;

-- Of the versions of one event the least (is_derived, event_sort_us, event_digest) is kept: a service's own before a
-- derived one, then the earliest, of heartbeats the latest.
create function event_sort_us(event_type text, created_at timestamptz) returns bigint
  language sql stable parallel safe
  return case when event_type = 'stage_heartbeat' then -epoch_us(created_at) else epoch_us(created_at) end;

create function event_digest(
  event_message text, severity event_severity, event_data jsonb, span_id text, source_service text, source_host text
) returns text
  language sql stable parallel safe
  return md5(concat_ws('/', event_message, severity, event_data, span_id, source_service, source_host));
