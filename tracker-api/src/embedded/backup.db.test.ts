import { cp, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, migrationNames } from '@vividly/migrations/migrate'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { examine } from '../store/examine.ts'
import { mergedState } from '../testing/mergedState.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { startEmbeddedPostgres } from './embeddedPostgres.ts'
import { giveTo, postgresAccount } from './postgresAccount.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vividly-backup-'))
  await chmod(dir, 0o755)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** The drill of docs/backup.md: a base backup while services send, archived WAL, the disk lost, all restored elsewhere. */
test('what was acknowledged before the disk was lost is there after the restore, and listeners begin anew', { timeout: 120_000 }, async () => {
  const archive = join(dir, 'archive')
  const backup = join(dir, 'backup')
  await mkdir(archive)
  await giveTo(await postgresAccount(), archive)

  const lost = await startEmbeddedPostgres({
    dataDir: join(dir, 'lost'),
    settings: { archive_mode: 'on', archive_command: `cp %p ${archive}/%f` },
  })
  await migrate(lost.databaseUrl)
  const before = await withSql(lost.databaseUrl, async (sql) => {
    await tellStories(sql, 20)
    const services = withSql(lost.databaseUrl, (others) => tellStories(others, 40))
    await takeBackup(sql, join(dir, 'lost/postgres'), backup)
    await services
    await tellStories(sql, 20)
    const [{ wal } = { wal: '' }] = await sql<{ wal: string }[]>`select pg_walfile_name(pg_switch_wal()) as wal`
    await vi.waitFor(async () => expect(await readdir(archive)).toContain(wal), { timeout: 20_000, interval: 100 })
    return readAll(sql)
  })
  await lost.stop()
  await rm(join(dir, 'lost/postgres'), { recursive: true })

  await restore(backup, join(dir, 'restored'), join(dir, 'lost/postgres.password'))
  const restored = await startEmbeddedPostgres({
    dataDir: join(dir, 'restored'),
    settings: { restore_command: `cp ${archive}/%f %p` },
  })
  try {
    await withSql(restored.databaseUrl, async (sql) => {
      await vi.waitFor(async () => expect(await sql`select pg_is_in_recovery() as recovers`).toEqual([{ recovers: false }]), {
        timeout: 30_000,
        interval: 100,
      })
      const after = await readAll(sql)
      expect(after.state).toEqual(before.state)
      expect(after.requests).toBe(80)
      expect(after.epoch).not.toBe(before.epoch)
      await tellStories(sql, 1)
      expect((await readAll(sql)).requests).toBe(81)
    })
    const findings = await examine(restored.databaseUrl, await migrationNames())
    expect(findings.filter(({ verdict }) => verdict === 'wrong')).toEqual([])
  } finally {
    await restored.stop()
  }
})

async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function tellStories(sql: postgres.Sql, count: number): Promise<void> {
  for (let number = 0; number < count; number++) await tell(sql, exampleLogs(beginStory(Date.now() - 60_000)))
}

/** As pg_basebackup does: started and stopped by one session, the files copied between as they change. */
async function takeBackup(sql: postgres.Sql, pgData: string, backup: string): Promise<void> {
  await sql`select pg_backup_start('drill', fast => true)`
  await cp(pgData, backup, {
    recursive: true,
    filter: (path) => !/postmaster\.(pid|opts)$|pg_wal\/.+|pg_replslot\/.+/.test(path),
  })
  const [stopped] = await sql<{ labelfile: string }[]>`select labelfile from pg_backup_stop(wait_for_archive => true)`
  await writeFile(join(backup, 'backup_label'), stopped?.labelfile ?? '')
}

async function restore(backup: string, dataDir: string, password: string): Promise<void> {
  const account = await postgresAccount()
  await mkdir(dataDir)
  await cp(backup, join(dataDir, 'postgres'), { recursive: true })
  await mkdir(join(dataDir, 'postgres/pg_wal'), { recursive: true })
  await writeFile(join(dataDir, 'postgres/recovery.signal'), '')
  await cp(password, join(dataDir, 'postgres.password'))
  for (const path of ['', ...(await readdir(dataDir, { recursive: true }))]) await giveTo(account, join(dataDir, path))
  await chmod(join(dataDir, 'postgres'), 0o700)
}

async function readAll(sql: postgres.Sql): Promise<{ state: unknown; requests: number; epoch: string }> {
  const [row] = await sql<{ requests: number; epoch: string }[]>`
    select (select count(*)::integer from content_requests) as requests, epoch from change_feed_epoch`
  return { state: await mergedState(sql), requests: row?.requests ?? 0, epoch: row?.epoch ?? '' }
}
