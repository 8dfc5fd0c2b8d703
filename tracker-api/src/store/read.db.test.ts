import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { openDatabase } from './database.ts'
import { Pool } from './Pool.ts'
import { read } from './read.ts'
import { StoreUnavailable } from './StoreUnavailable.ts'

let test_: TestDatabase
const limits = { name: 'test', maxConnections: 1, statementTimeoutMs: 200, deadlineMs: 2_000 }
beforeAll(async () => {
  test_ = await createTestDatabase()
})
afterAll(() => test_.drop())

test('a query that takes too long, for Postgres or for us, says that the store is unavailable', async () => {
  for (const own of [limits, { ...limits, statementTimeoutMs: 10_000, deadlineMs: 200 }]) {
    const pool = new Pool(test_.url, own)
    const startedMs = performance.now()
    await expect(read(pool, 'sleeping', (sql) => sql`select pg_sleep(5)`)).rejects.toThrow(StoreUnavailable)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
    await pool.close()
  }
})

test('so does a server that is not there, and a connection that breaks', async () => {
  const gone = openDatabase('postgres://nobody@127.0.0.1:1/nowhere')
  await expect(read(gone.read, 'asking nobody', (sql) => sql`select 1`)).rejects.toThrow(StoreUnavailable)
  await gone.close()
  const pool = new Pool(test_.url, { ...limits, statementTimeoutMs: 5_000 })
  const broken = read(pool, 'dying', (sql) => sql`select pg_terminate_backend(pg_backend_pid())`)
  await expect(broken).rejects.toThrow(StoreUnavailable)
  const comeBack = () => read(pool, 'coming back', (sql) => sql`select 1 as one`).catch(() => undefined)
  await expect.poll(comeBack).toEqual({ one: 1 })
  await pool.close()
})

test('a statement of ours that is wrong is no trouble of the store', async () => {
  const pool = new Pool(test_.url, limits)
  for (const wrong of ['select from nothing_there', "select 'x'::integer"]) {
    const failed = read(pool, 'being wrong', (sql) => sql`${sql.unsafe(wrong)}`)
    await expect(failed).rejects.toThrow('being wrong')
    await expect(failed).rejects.not.toBeInstanceOf(StoreUnavailable)
  }
  await pool.close()
})

test('the views say what the API says', async () => {
  await test_.sql`insert into content_requests (id) values (request_id_of('vvd_' || (extract(epoch from now()) * 1000)::bigint || '_00000001'))`
  await test_.sql`select refresh_request_metrics()`
  expect(await test_.sql`select status, stages_total, stages_completed from active_requests_dashboard`).toEqual([
    { status: 'pending', stages_total: 6, stages_completed: 0 },
  ])
  expect(await test_.sql`select total, completed, success_rate from request_metrics_summary`).toEqual([
    { total: 1, completed: 0, success_rate: null },
  ])
})
