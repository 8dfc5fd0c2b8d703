import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const timeout = 60_000

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

type Ended = { code: number | string; stdout: string; stderr: string }

function tracker(databaseUrl: string, ...args: string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl }
  execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  )
  return promise
}

test('an empty database: the doctor says what is wrong, migrate heals it, and a second time there is nothing to do', { timeout }, async () => {
  const empty = new URL(database.url)
  empty.pathname = `${empty.pathname}_empty`
  await database.sql.unsafe(`create database ${empty.pathname.slice(1)}`)
  try {
    const ill = await tracker(empty.href, 'doctor')
    expect(ill).toMatchObject({ code: 1, stdout: expect.stringMatching(/FAIL {2}schema: missing: 0001_identity, .*\n\s+Run `npm run tracker -- migrate`/) })
    const migrated = await tracker(empty.href, 'migrate', '--json')
    expect(JSON.parse(migrated.stdout)).toMatchObject({ ran: expect.arrayContaining(['0001_identity']) })
    expect((await tracker(empty.href, 'migrate')).stdout).toContain('newest already')
    const { items } = JSON.parse((await tracker(empty.href, 'doctor', '--json')).stdout) as { items: object[] }
    expect(items).toContainEqual({ what: 'schema', verdict: 'well', found: 'complete' })
  } finally {
    await database.sql.unsafe(`drop database ${empty.pathname.slice(1)} with (force)`)
  }
})

test('the doctor sees a transaction that was left open', { timeout }, async () => {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe('begin; select 1')
    const { items } = JSON.parse((await tracker(database.url, 'doctor', '--json')).stdout) as {
      items: { what: string; found: string }[]
    }
    expect(items.find(({ what }) => what === 'long transactions')?.found).toMatch(/^oldest \d+ s$/)
    expect(items.find(({ what }) => what === 'partitions ahead')).toMatchObject({ verdict: 'well' })
  } finally {
    await sql.end({ timeout: 1 })
  }
})

test('retention and rebuild say what they did', { timeout }, async () => {
  expect(JSON.parse((await tracker(database.url, 'retention', '--json')).stdout)).toMatchObject({ dropped: [], postponed: [] })
  expect(await tracker(database.url, 'rebuild')).toMatchObject({ code: 0, stdout: expect.stringContaining('hours of figures again') })
})

test.each(['migrate', 'doctor', 'retention', 'rebuild'])('%s --help tells what it does', { timeout }, async (command) => {
  const { code, stdout } = await tracker(database.url, command, '--help')
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`${command}.*options[^]+--json`)) })
})
