import type { Pool } from '../Pool.ts'
import { read } from '../read.ts'
import { hashOf, newSecret } from './secret.ts'

export const SESSION_HOURS = 12

/** A session for a token's holder; its secret is for the cookie. Those that are over are swept out by the way. */
export async function openSession(pool: Pool, tokenId: string): Promise<string> {
  const secret = newSecret('session')
  await read(
    pool,
    'opening a session',
    (sql) => sql`
      with swept as (delete from access_sessions where expires_at < now())
      insert into access_sessions (secret_hash, token_id, expires_at)
      values (${hashOf(secret)}, ${tokenId}, now() + make_interval(hours => ${SESSION_HOURS}::integer))`,
  )
  return secret
}

export async function closeSession(pool: Pool, secret: string): Promise<void> {
  await read(pool, 'closing a session', (sql) => sql`delete from access_sessions where secret_hash = ${hashOf(secret)}`)
}
