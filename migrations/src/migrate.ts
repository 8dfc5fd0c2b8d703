import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import pg from 'pg'

const sqlFolder = fileURLToPath(new URL('../sql', import.meta.url))
/** How long a server may take to come up before we give in. */
const startupMs = 60_000
const retryMs = 250
/** A change that waits for a lock makes all who come after it wait too. So it gives up soon, and comes again. */
const lockTimeoutMs = 2_000
const lockRetryMs = 500
const lockPatienceMs = 300_000

/**
 * Brings a database to the newest schema: runs the numbered files of `sql/` that it has not run yet, each in
 * one transaction, forward only. Returns the names of the files it ran (where it had to try again, in the last try), so an
 * empty list means nothing to do.
 *
 * Several replicas may call it at the same moment: one migrates, the others wait for it on an advisory lock.
 * A server that is still starting is waited for, up to a minute, and locks of others up to five, at most two seconds
 * at a time, so that trackers of the release before go on meanwhile. A file that fails leaves no trace of itself;
 * the files before it stay, and the error names the statement.
 */
export async function migrate(databaseUrl: string, log: (line: string) => void = () => {}): Promise<string[]> {
  const client = await connect(databaseUrl)
  try {
    await client.query(`set lock_timeout = ${lockTimeoutMs}`)
    const giveUpAt = performance.now() + lockPatienceMs
    for (;;) {
      try {
        return await run(client, log)
      } catch (error) {
        if (!isLockTimeout(error) || performance.now() > giveUpAt) throw error
        log('another transaction holds a lock that a migration needs; it is tried again')
        await sleep(lockRetryMs)
      }
    }
  } finally {
    await client.end()
  }
}

async function run(dbClient: pg.Client, log: (line: string) => void): Promise<string[]> {
  const ran = await runner({
    dbClient,
    dir: sqlFolder,
    direction: 'up',
    migrationsTable: 'schema_migrations',
    advisoryLockMode: 'wait',
    singleTransaction: false,
    logger: { debug: () => {}, info: () => {}, warn: log, error: log },
  })
  const names = ran.map((migration) => migration.name)
  for (const name of names) log(`migrated ${name}`)
  return names
}

/** The names of all files that {@link migrate} of this release runs, in their order. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(sqlFolder)
  return files.filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length)).sort()
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const giveUpAt = performance.now() + startupMs
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'vividly-migrate' })
    // A server that dies in between is told by the failing query; without a listener it would end the process.
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (cause) {
      if (!isStartingUp(cause) || performance.now() > giveUpAt) {
        throw new Error(`Cannot migrate ${withoutPassword(databaseUrl)}: no connection. Is DATABASE_URL right and the server up?`, { cause })
      }
      await sleep(retryMs)
    }
  }
}

/** Refused or reset while the server comes up; 57P03 is its own word for it. */
function isStartingUp(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === '57P03' || code === 'ECONNREFUSED' || code === 'ECONNRESET'
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03'
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.password = ''
  return url.href
}
