import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** Reading them takes Postgres tens of milliseconds, and they change with its version only. */
const zonesByPool = new WeakMap<Pool, Promise<Set<string>>>()

/** Whether this is the name of a time zone, such as `Europe/Berlin`: no abbreviation and no offset. */
export async function knownTimezone(pool: Pool, name: string): Promise<boolean> {
  if (name === 'UTC') return true
  let zones = zonesByPool.get(pool)
  if (zones === undefined) {
    zones = readZones(pool)
    zonesByPool.set(pool, zones)
    zones.catch(() => zonesByPool.delete(pool))
  }
  return (await zones).has(name)
}

async function readZones(pool: Pool): Promise<Set<string>> {
  const { names } = await readRow<{ names: string[] }>(
    pool,
    'reading the names of time zones',
    (sql) => sql`
      select array_agg(name) as names
      from pg_timezone_names
      where name ~ '^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+$' or name in ('UTC', 'GMT')`,
  )
  return new Set(names)
}
