-- A request that changes its organization leaves those who follow the former one: they hear of it by the former's
-- entry in the change log. Rare, for a request is told with its organization from the first signal on.
create function organization_left() returns trigger
  language plpgsql as $$
begin
  insert into change_log (request_id, organization_id, version)
  values (old.id, old.organization_id, greatest(old.version, new.version));
  return null;
end
$$;

create trigger content_requests_moved after update of organization_id on content_requests
  for each row when (old.organization_id is distinct from new.organization_id) execute function organization_left();

-- A request's share of the digest of what is in flight: its ID's low 64 bits, made odd, times its version. The digest
-- is the sum of the shares modulo 2^64, in decimal: the same in any order, and kept up to date share by share.
create function digest_share(request_id uuid, version bigint) returns numeric
  language sql immutable parallel safe
  return (('x' || substr(request_id::text, 20, 4) || substr(request_id::text, 25))::bit(64)::bigint | 1)::numeric * version;

create function digest_of(shares numeric) returns text
  language sql immutable parallel safe
  -- The shares may be negative, for a bigint has a sign.
  return mod(mod(coalesce(shares, 0), 18446744073709551616) + 18446744073709551616, 18446744073709551616)::text;
