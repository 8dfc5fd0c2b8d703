import { expect, test } from 'vitest'
import { createTestDatabase } from './testDatabase.ts'

test('each test database starts migrated and empty, and its rows stay in it', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await first.sql`create table mark as select 1 as n`
  expect(await second.sql`select to_regclass('mark') as found`).toEqual([{ found: null }])
  expect(await second.sql`select name from schema_migrations limit 1`).toHaveLength(1)
  await Promise.all([first.drop(), second.drop()])
})

test('a dropped test database is gone', async () => {
  const kept = await createTestDatabase()
  const dropped = await createTestDatabase()
  await dropped.drop()
  const name = new URL(dropped.url).pathname.slice(1)
  expect(await kept.sql`select 1 from pg_database where datname = ${name}`).toHaveLength(0)
  await kept.drop()
})
