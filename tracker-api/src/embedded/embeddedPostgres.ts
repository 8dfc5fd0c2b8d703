import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { createCluster } from './createCluster.ts'
import { reachableBinaries, reachableDataDir, giveTo, postgresAccount } from './postgresAccount.ts'
import { postgresBinaries } from './postgresBinaries.ts'
import { superviseServer } from './superviseServer.ts'
import type { Cluster, Server } from './superviseServer.ts'
import { isLive, isRunning, readLock } from './postmasterLock.ts'

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its password and who started it; made if missing. Second starts go on with its data. */
  dataDir: string
  log?: (line: string) => void
  /** Server settings over ours, for tests: `{ fsync: 'off' }`. */
  settings?: Readonly<Record<string, string>>
}

export interface EmbeddedPostgres {
  databaseUrl: string
  /** Of the postmaster, now: after a crash it is another. */
  pid: () => number | undefined
  /** Resolves when the server has stopped. A server that another living process started is left to it. */
  stop: () => Promise<void>
}

const superuser = 'vividly'
const database = 'vividly'
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '256MB',
  max_wal_size: '1GB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
}

/**
 * A real PostgreSQL from npm on 127.0.0.1, at a free port, with durable commits.
 *
 * One data folder has one server. If one runs there already it is shared; if the process that started it was
 * killed, it is taken over. A server that dies under us is started again on the same port; a lock that a killed
 * server left behind is removed.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {})
  const account = await postgresAccount()
  const binaries = await reachableBinaries(await postgresBinaries(), account)
  const dataDir = await reachableDataDir(options.dataDir, account)
  const password = await keptPassword(join(dataDir, 'postgres.password'))
  await giveTo(account, join(dataDir, 'postgres.password'))
  const cluster: Cluster = {
    pgData: join(dataDir, 'postgres'),
    ownerFile: join(dataDir, 'postgres.owner'),
    postgres: binaries.postgres,
    account,
    settings: { ...settings, ...options.settings },
    log,
  }
  await createCluster({ ...cluster, initdb: binaries.initdb, superuser, passwordFile: join(dataDir, 'postgres.password') })
  const server = await findOrStart(cluster)
  const urlOf = (name: string) => `postgres://${superuser}:${password}@127.0.0.1:${server.port}/${name}`
  try {
    await createDatabase(urlOf('postgres'))
  } catch (error) {
    await server.stop()
    throw error
  }
  return { databaseUrl: urlOf(database), pid: server.pid, stop: server.stop }
}

async function findOrStart(cluster: Cluster): Promise<Server> {
  const { pgData, log } = cluster
  let orphanSeen = 0
  for (;;) {
    const lock = await readLock(pgData)
    if (!lock || !(await isLive(lock, pgData))) {
      const server = await superviseServer(cluster)
      if (server) return server
    } else if (lock.status === 'ready') {
      const owner = Number(await readFile(cluster.ownerFile, 'utf8').catch(() => '0'))
      if (owner !== process.pid && (await isRunning(owner))) {
        log(`sharing the Postgres that process ${owner} started`)
        return { port: lock.port, pid: () => lock.pid, stop: async () => {} }
      }
      // One that has just started may not have been signed for yet.
      if (orphanSeen === lock.pid) {
        log(`taking over a Postgres whose starter is gone (pid ${lock.pid})`)
        const server = await superviseServer(cluster, lock)
        if (server) return server
      }
      orphanSeen = lock.pid
    }
    await sleep(300)
  }
}

/** The superuser's password, drawn at the first start; only the owner may read the file. */
async function keptPassword(file: string): Promise<string> {
  try {
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch {
    // Drawn by an earlier start.
  }
  return readFile(file, 'utf8')
}

async function createDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} })
  try {
    const found = await sql`select 1 from pg_database where datname = ${database}`
    if (found.length === 0) {
      await sql`create database ${sql(database)}`.catch((error: unknown) => {
        if (!(error instanceof postgres.PostgresError && ['42P04', '23505'].includes(error.code))) throw error
      })
    }
  } finally {
    await sql.end({ timeout: 5 })
  }
}
