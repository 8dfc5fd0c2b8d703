import type { Pool } from '../Pool.ts'
import { read } from '../read.ts'
import type { Access, Scope } from './Access.ts'
import { hashOf } from './secret.ts'

/** So long a token that was revoked may still be taken, on any replica. */
const KEPT_MS = 3_000
/** Unknown secrets are kept too, so that one caller's guesses are not so many queries. */
const MAX_KEPT = 10_000

/** What the holder of a secret may do; undefined where it is unknown, expired or revoked. */
export type AccessReader = (secret: string) => Promise<Access | undefined>

type Row = { token_id: string; organization_id: string | null; scopes: Scope[] }

export function createAccessReader(pool: Pool, keptMs = KEPT_MS): AccessReader {
  const kept = new Map<string, { access: Promise<Access | undefined>; untilMs: number }>()
  return async (secret) => {
    const hash = hashOf(secret)
    const key = hash.toString('base64')
    const known = kept.get(key)
    if (known && known.untilMs > performance.now()) return known.access
    if (kept.size >= MAX_KEPT) kept.clear()
    const access = findAccess(pool, hash)
    kept.set(key, { access, untilMs: performance.now() + keptMs })
    access.catch(() => kept.delete(key))
    return access
  }
}

async function findAccess(pool: Pool, hash: Buffer): Promise<Access | undefined> {
  const row = await read<Row>(pool, 'looking up a token', (sql) => sql`select * from use_access(${hash})`)
  return row && { tokenId: row.token_id, organization: row.organization_id ?? undefined, scopes: row.scopes }
}
