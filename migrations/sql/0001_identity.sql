-- One 128-bit identity with three spellings, each computed from any other (docs/tracking-convention.md):
--   correlation ID  vvd_<13 digits: Unix ms>_<8 hex: random>
--   trace ID        c1d<13 digits><8 hex: SHA-256 of the correlation ID><8 hex: random>
--   request ID      the trace ID as uuid
-- A trace ID of another form is foreign: its request ID is the trace ID itself, with c1e for a leading
-- c1d and a digit, so that c1d0…-c1d9… holds only times.

-- PL/pgSQL, for an SQL function that can't be inlined takes ten times as long when a query calls it.

-- The first eight hex digits of SHA-256 over the correlation ID in ASCII.
create function identity_check_digits(correlation_id text) returns text
  language plpgsql immutable strict parallel safe
as $$
begin
  return left(encode(sha256(convert_to(correlation_id, 'UTF8')), 'hex'), 8);
end
$$;

-- The correlation ID that a trace ID of ours spells (32 lower-case hex digits), null for a foreign one.
create function own_correlation_id_of(trace_id text) returns text
  language plpgsql immutable strict parallel safe
as $$
declare
  spelled text;
begin
  if trace_id !~ '^c1d[0-9]{13}[0-9a-f]{16}$' then
    return null;
  end if;
  spelled := 'vvd_' || substr(trace_id, 4, 13) || '_' || right(trace_id, 8);
  return case when substr(trace_id, 17, 8) = identity_check_digits(spelled) then spelled end;
end
$$;

-- Request ID of any spelling: correlation ID, trace ID, request ID, in upper or lower case. Null for anything else.
create function request_id_of(spelling text) returns uuid
  language plpgsql immutable strict parallel safe
as $$
declare
  lowered text := lower(spelling);
  hex text := replace(lowered, '-', '');
begin
  if lowered ~ '^vvd_[0-9]{13}_[0-9a-f]{8}$' then
    return ('c1d' || substr(lowered, 5, 13) || identity_check_digits(lowered) || right(lowered, 8))::uuid;
  end if;
  if lowered !~ '^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$' then
    return null;
  end if;
  if hex ~ '^c1d[0-9]' and own_correlation_id_of(hex) is null then
    return ('c1e' || substr(hex, 4))::uuid;
  end if;
  return hex::uuid;
end
$$;

-- The correlation ID of a request: ours, or the plain hex of a foreign one.
create function correlation_id_of(request_id uuid) returns text
  language plpgsql immutable strict parallel safe
as $$
declare
  hex text := replace(request_id::text, '-', '');
begin
  return coalesce(own_correlation_id_of(hex), replace(request_id_of(hex)::text, '-', ''));
end
$$;

-- Whether a request ID lies in the range that holds times.
create function has_identity_time(request_id uuid) returns boolean
  language sql immutable parallel safe
  return request_id >= 'c1d00000-0000-0000-0000-000000000000'::uuid
    and request_id < 'c1da0000-0000-0000-0000-000000000000'::uuid;

-- The creation time that a request ID of ours holds, null for a foreign one.
create function identity_time_of(request_id uuid) returns timestamptz
  language sql stable parallel safe
  return case
    when has_identity_time(request_id)
    then timestamptz 'epoch' + substr(replace(request_id::text, '-', ''), 4, 13)::bigint * interval '1 millisecond'
  end;

-- The least request ID of a moment: a bound for partitions and for reading a span of time.
create function first_request_id_at(moment timestamptz) returns uuid
  language sql immutable strict parallel safe
  return ('c1d' || lpad(floor(extract(epoch from moment) * 1000)::bigint::text, 13, '0') || repeat('0', 16))::uuid;
