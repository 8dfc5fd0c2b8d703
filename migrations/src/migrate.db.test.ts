import { createTestDatabase } from '@vividly/tracker-api/testing'
import type { TestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from './migrate.ts'

let empty: TestDatabase
beforeAll(async () => {
  empty = await createTestDatabase('template0')
})
afterAll(() => empty.drop())

test('of replicas that start together one migrates and the others wait for it', async () => {
  const ran = await Promise.all([migrate(empty.url), migrate(empty.url), migrate(empty.url)])
  const [all = [], ...none] = ran.toSorted((a, b) => b.length - a.length)
  expect(all.length).toBeGreaterThan(0)
  expect(none).toEqual([[], []])
  const kept = await empty.sql`select name from schema_migrations order by name`
  expect(kept.map((row) => row['name'])).toEqual(all)
})

test('a second run does nothing', async () => {
  const lines: string[] = []
  expect(await migrate(empty.url, (line) => lines.push(line))).toEqual([])
  expect(lines).toEqual([])
})

test('a lock of somebody else is waited for in short turns, between which those who come after pass', async () => {
  const lines: string[] = []
  const heard = Promise.withResolvers<void>()
  const migrated = await empty.sql.begin(async (tx) => {
    await tx`lock table schema_migrations in access exclusive mode`
    const running = migrate(empty.url, (line) => {
      lines.push(line)
      heard.resolve()
    })
    await heard.promise
    return { running }
  })
  expect(await migrated.running).toEqual([])
  expect(lines).toContain('another transaction holds a lock that a migration needs; it is tried again')
})

test('what is no server is named without its password', async () => {
  const url = new URL(empty.url)
  url.password = 'hunter2'
  await expect(migrate(url.href)).rejects.toThrow(/^Cannot migrate postgres:\/\/vividly@127\.0\.0\.1:\d+\//)
})
