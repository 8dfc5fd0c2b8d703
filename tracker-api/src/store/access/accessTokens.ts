import type { Pool } from '../Pool.ts'
import { read, readRow } from '../read.ts'
import type { Scope } from './Access.ts'
import { hashOf, newSecret } from './secret.ts'

export type NewToken = {
  name: string
  /** Undefined: all. */
  organization: string | undefined
  scopes: readonly Scope[]
  days: number
}

/** Times are ISO 8601. */
export type TokenRow = {
  id: string
  name: string
  organization_id: string | null
  scopes: Scope[]
  created_at: string
  expires_at: string
  revoked_at: string | null
  last_used_at: string | null
}

/** Makes a token. Its secret is in this answer and nowhere else. */
export async function createAccessToken(pool: Pool, { name, organization, scopes, days }: NewToken): Promise<TokenRow & { secret: string }> {
  const secret = newSecret('token')
  const { token } = await readRow<{ token: TokenRow }>(
    pool,
    'making a token',
    (sql) => sql`
      insert into access_tokens as t (name, organization_id, scopes, secret_hash, expires_at)
      values (${name}, ${organization ?? null}, ${[...scopes]}::text[], ${hashOf(secret)}, now() + make_interval(days => ${days}::integer))
      returning json_build_object(
        'id', id, 'name', name, 'organization_id', organization_id, 'scopes', scopes, 'created_at', iso_utc(created_at),
        'expires_at', iso_utc(expires_at), 'revoked_at', iso_utc(revoked_at), 'last_used_at', iso_utc(last_used_at)
      ) as token`,
  )
  return { ...token, secret }
}

/** All that ever were, newest first. */
export async function listAccessTokens(pool: Pool): Promise<TokenRow[]> {
  const { tokens } = await readRow<{ tokens: TokenRow[] }>(
    pool,
    'listing tokens',
    (sql) => sql`
      select coalesce(json_agg(json_build_object(
        'id', id, 'name', name, 'organization_id', organization_id, 'scopes', scopes, 'created_at', iso_utc(created_at),
        'expires_at', iso_utc(expires_at), 'revoked_at', iso_utc(revoked_at), 'last_used_at', iso_utc(last_used_at)
      ) order by created_at desc, id), '[]') as tokens
      from access_tokens`,
  )
  return tokens
}

/** False where no living token has this ID. */
export async function revokeAccessToken(pool: Pool, id: string): Promise<boolean> {
  const row = await read(
    pool,
    'revoking a token',
    (sql) => sql<{ id: string }[]>`
      update access_tokens set revoked_at = now() where id::text = ${id} and revoked_at is null returning id`,
  )
  return row !== undefined
}

/** Whether any token could be used now. */
export async function hasAccessToken(pool: Pool): Promise<boolean> {
  const { has } = await readRow<{ has: boolean }>(
    pool,
    'looking for a token',
    (sql) => sql`select exists (select from access_tokens where revoked_at is null and expires_at > now()) as has`,
  )
  return has
}
