import { Pool } from './Pool.ts'

/**
 * Ingest and reading have connections of their own, so that slow reads never hold up what services send. `admin` is for
 * tokens, erasure and the records of who read what.
 */
export type Database = { ingest: Pool; read: Pool; admin: Pool; close: () => Promise<void> }

/** Connects lazily: a database that is down shows at the first query. */
export function openDatabase(databaseUrl: string): Database {
  const ingest = new Pool(databaseUrl, {
    name: 'vividly-ingest',
    maxConnections: 4,
    // Senders give up after about eight seconds of retries: each has its answer within three.
    statementTimeoutMs: 2_300,
    deadlineMs: 2_500,
    // So that there is time left to do without whoever waits for a lock that somebody keeps.
    lockTimeoutMs: 1_000,
  })
  const read = new Pool(databaseUrl, {
    name: 'vividly-read',
    maxConnections: 8,
    statementTimeoutMs: 5_000,
    deadlineMs: 5_500,
    // Over scores of partitions planning takes longer than reading: a request in detail 9.8 ms, so 1.5 (docs/adr/020).
    plansOnce: true,
  })
  const admin = new Pool(databaseUrl, {
    name: 'vividly-admin',
    maxConnections: 2,
    statementTimeoutMs: 10_000,
    deadlineMs: 10_500,
  })
  return {
    ingest,
    read,
    admin,
    close: async () => {
      await Promise.all([ingest.close(), read.close(), admin.close()])
    },
  }
}
