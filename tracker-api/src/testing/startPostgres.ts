import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@vividly/migrations/migrate'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../embedded/embeddedPostgres.ts'

const templateDatabase = 'vividly_template'
const dirPrefix = 'vividly-test-'
/** How long the files of a failed run stay. */
const keptMs = 24 * 60 * 60 * 1000

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the test server's own database; the databases of the test files stand beside it. */
    testServerUrl: string
    /** Where the server keeps its files; kept when a test failed. */
    testServerDir: string
  }
}

interface Started {
  url: string
  dir: string
  stop: () => Promise<void>
}

// Every project loads this file anew, so what they have in common hangs on the process.
const common: { starting?: Promise<Started> | undefined; users: number } = ((
  globalThis as { vividlyTestPostgres?: { users: number } }
).vividlyTestPostgres ??= { users: 0 })

/**
 * Vitest global setup: one Postgres for the whole run, however many projects name this file, with a migrated
 * template that every test file clones. It forgets its data at a power cut (fsync off), which halves the time.
 */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  common.users += 1
  common.starting ??= start()
  const { url, dir, stop } = await common.starting
  project.provide('testServerUrl', url)
  project.provide('testServerDir', dir)
  return async () => {
    common.users -= 1
    if (common.users > 0) return
    common.starting = undefined
    await stop()
  }
}

async function start(): Promise<Started> {
  await removeOldRuns()
  const dir = await mkdtemp(join(tmpdir(), dirPrefix))
  await chmod(dir, 0o755)
  const server = await startEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  })
  const stop = async () => {
    const kept = await keptDatabases(server.databaseUrl).catch(() => [])
    await server.stop()
    if (kept.length === 0) await rm(dir, { recursive: true, force: true })
  }
  try {
    await migrateTemplate(server.databaseUrl)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: server.databaseUrl, dir, stop }
}

async function removeOldRuns(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(dirPrefix))
  for (const path of names.map((name) => join(tmpdir(), name))) {
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > keptMs) await rm(path, { recursive: true, force: true })
  }
}

/** Those whose tests failed. */
async function keptDatabases(serverUrl: string): Promise<readonly unknown[]> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} })
  try {
    return await sql`select datname from pg_database where datname like 'vividly\\_test\\_%'`
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function migrateTemplate(serverUrl: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} })
  try {
    await sql`create database ${sql(templateDatabase)}`
  } finally {
    await sql.end({ timeout: 5 })
  }
  const url = new URL(serverUrl)
  url.pathname = templateDatabase
  const lines: string[] = []
  try {
    await migrate(url.href, (line) => lines.push(line))
  } catch (error) {
    console.error(lines.join('\n'))
    throw error
  }
}
