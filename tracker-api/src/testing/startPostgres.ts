import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@vividly/migrations/migrate'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../store/embeddedPostgres.ts'

const templateDatabase = 'vividly_template'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the test server's own database; the databases of the test files stand beside it. */
    testServerUrl: string
    /** Where the server keeps its files; kept when a test failed. */
    testServerDir: string
  }
}

let starting: Promise<Started> | undefined
let users = 0

interface Started {
  url: string
  dir: string
  stop: () => Promise<void>
}

/**
 * Vitest global setup: one Postgres for the whole run, however many projects name this file, with a migrated
 * template that every test file clones. It forgets its data at a power cut (fsync off), which halves the time.
 */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  users += 1
  starting ??= start()
  const { url, dir, stop } = await starting
  project.provide('testServerUrl', url)
  project.provide('testServerDir', dir)
  return async () => {
    users -= 1
    if (users > 0) return
    starting = undefined
    await stop()
  }
}

async function start(): Promise<Started> {
  const dir = await mkdtemp(join(tmpdir(), 'vividly-test-'))
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
