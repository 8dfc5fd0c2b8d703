import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startEmbeddedPostgres } from './embeddedPostgres.ts'
import type { EmbeddedPostgres } from './embeddedPostgres.ts'
import { isRunning } from './postmasterLock.ts'

let dir: string
let started: EmbeddedPostgres[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vividly-embedded-'))
  await chmod(dir, 0o755)
})

afterEach(async () => {
  for (const server of started) await server.stop()
  started = []
  await rm(dir, { recursive: true, force: true })
})

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
  started.push(server)
  return server
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    return await sql.unsafe(text)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

test('a second start goes on with the data of the first', async () => {
  const first = await start()
  expect(await query(first.databaseUrl, 'show fsync')).toEqual([{ fsync: 'on' }])
  await query(first.databaseUrl, 'create table kept as select 1 as n')
  await first.stop()
  expect(await isRunning(first.pid() ?? 0)).toBe(false)

  const second = await start()
  expect(await query(second.databaseUrl, 'select n from kept')).toEqual([{ n: 1 }])
})

test('it listens on loopback only, asks for a password, and keeps it to its owner', async () => {
  const { databaseUrl } = await start()
  expect(await query(databaseUrl, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
  const wrong = new URL(databaseUrl)
  wrong.password = 'guess'
  await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
  expect((await stat(join(dir, 'data/postgres.password'))).mode & 0o777).toBe(0o600)
})

test('a folder that is closed to other accounts is no hindrance, to root neither', async () => {
  await chmod(dir, 0o700)
  const first = await start()
  const [place] = await query(first.databaseUrl, 'show data_directory')
  await query(first.databaseUrl, 'create table kept as select 1 as n')
  await first.stop()
  const second = await start()
  expect(await query(second.databaseUrl, 'select n from kept')).toEqual([{ n: 1 }])
  await second.stop()
  // As root they are elsewhere, where our clearing up would miss them.
  await rm(dirname(String(place?.['data_directory'])), { recursive: true })
})

test('a server killed under us is back on the same address, with all that was committed', async () => {
  const server = await start()
  await query(server.databaseUrl, 'create table kept as select 1 as n')
  const killed = server.pid() ?? 0
  process.kill(killed, 'SIGKILL')
  const kept = await vi.waitFor(() => query(server.databaseUrl, 'select n from kept'), { timeout: 10_000, interval: 100 })
  expect(kept).toEqual([{ n: 1 }])
  expect(server.pid()).not.toBe(killed)
})

test('a lock whose pid went to some other process does not hinder the start', async () => {
  const first = await start()
  await first.stop()
  await writeFile(join(dir, 'data/postgres/postmaster.pid'), `${process.pid}\n/elsewhere\n0\n5432\n\n127.0.0.1\n\nready   \n`)
  const second = await start()
  expect(await query(second.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('of two processes that start at the same moment one starts it and both have it', async () => {
  const other = startElsewhere()
  const [line, mine] = await Promise.all([other.databaseUrl, start()])
  expect(mine.databaseUrl).toBe(line)
  expect(await query(mine.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }])
  await other.kill()
})

test('while one process has it, another shares it and does not stop it', async () => {
  const owner = startElsewhere()
  const databaseUrl = await owner.databaseUrl
  const shared = await start()
  expect(shared.databaseUrl).toBe(databaseUrl)
  await shared.stop()
  expect(await query(shared.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }])

  // Killed, it leaves the server behind: the next start takes that over, and stops it.
  await owner.kill()
  const heir = await start()
  expect(heir.databaseUrl).toBe(databaseUrl)
  await heir.stop()
  expect(await isRunning(heir.pid() ?? 0)).toBe(false)
})

/** Another process on the same data folder. */
function startElsewhere(): { databaseUrl: Promise<string>; kill: () => Promise<void> } {
  const script = `
    import { startEmbeddedPostgres } from './embeddedPostgres.ts'
    const { databaseUrl } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(join(dir, 'data'))} })
    console.log(databaseUrl)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return {
    databaseUrl: once(child.stdout, 'data').then(([line]) => String(line).trim()),
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
