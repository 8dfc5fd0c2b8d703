-- Who may call the tracker. A token's secret is 256 random bits and never stored: only its SHA-256 is, which for that
-- much randomness needs no salt and no slow hash. Several tokens of one purpose may live at once, so that one can be
-- rotated: make the new one, move the callers, revoke the old one.

create table access_tokens (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name <> ''),
  -- Null: all organizations.
  organization_id text check (organization_id <> ''),
  scopes text[] not null check (scopes <> '{}' and scopes <@ array['ingest', 'read', 'read_personal', 'admin']),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  -- To the minute.
  last_used_at timestamptz
);

-- A browser's, got for a token at the login form. It ends with its token at the latest.
create table access_sessions (
  secret_hash bytea primary key check (length(secret_hash) = 32),
  token_id uuid not null references access_tokens on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create index on access_sessions (expires_at);

-- What the holder of a secret may do, by the secret's hash: no row where it is unknown, expired or revoked.
create function use_access(hash bytea) returns table (token_id uuid, organization_id text, scopes text[])
  language plpgsql
as $$
begin
  return query
    select t.id, t.organization_id, t.scopes
    from access_tokens t
    where t.revoked_at is null and t.expires_at > now()
      and (
        t.secret_hash = hash
        or t.id = (select s.token_id from access_sessions s where s.secret_hash = hash and s.expires_at > now())
      );
  update access_tokens t set last_used_at = now()
  where t.secret_hash = hash and t.revoked_at is null and t.expires_at > now()
    and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
end
$$;
