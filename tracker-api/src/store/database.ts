import { CallerPool } from './CallerPool.ts'
import type { Roles } from './findRoles.ts'
import { Pool } from './Pool.ts'
import type { PoolOptions } from './Pool.ts'

/**
 * Ingest and reading have connections of their own, so that slow reads never hold up what services send. `admin` is for
 * tokens, erasure and the records of who read what. `callers` is `read`, but shows a caller who is bound to one
 * organization nothing else, whatever is asked: for what routes read.
 */
export type Database = { ingest: Pool; read: Pool; callers: Pool; admin: Pool; close: () => Promise<void> }

/**
 * Connects lazily: a database that is down shows at the first query.
 * @param roles what each pool works as; undefined is the login itself, and then `callers` is no more than `read`.
 */
export function openDatabase(databaseUrl: string, roles?: Roles): Database {
  const ingest = new Pool(databaseUrl, {
    role: roles?.ingest,
    name: 'vividly-ingest',
    maxConnections: 4,
    // Senders give up after about eight seconds of retries: each has its answer within three.
    statementTimeoutMs: 2_300,
    deadlineMs: 2_500,
    // So that there is time left to do without whoever waits for a lock that somebody keeps.
    lockTimeoutMs: 1_000,
    // A connection's first batch takes ten times as long: functions are compiled and plans made.
    staysConnected: true,
  })
  const reading: PoolOptions = {
    role: roles?.read,
    name: 'vividly-read',
    maxConnections: 8,
    statementTimeoutMs: 5_000,
    deadlineMs: 5_500,
    // Over scores of partitions planning takes longer than reading: a request in detail 9.8 ms, so 1.5 (docs/adr/020).
    plansOnce: true,
  }
  const read = new Pool(databaseUrl, reading)
  const callers = roles && new CallerPool(databaseUrl, { ...reading, role: roles.tenant, name: 'vividly-tenant' }, read)
  const admin = new Pool(databaseUrl, {
    role: roles?.admin,
    name: 'vividly-admin',
    maxConnections: 2,
    statementTimeoutMs: 10_000,
    deadlineMs: 10_500,
  })
  return {
    ingest,
    read,
    callers: callers ?? read,
    admin,
    close: async () => {
      await Promise.all([ingest.close(), read.close(), callers?.close(), admin.close()])
    },
  }
}
