import { afterAll, beforeAll, expect, test } from 'vitest'
import { metrics } from '../contract.ts'
import type { Metrics } from '../contract.ts'
import { startMaintenance } from '../store/maintain.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let app: Monitoring
const hourMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 5 * 3_600_000
const stage = { 'vividly.stage.name': 'validation' }

beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

/** A request of `organization` that took so many seconds, its validation two. */
async function complete(createdMs: number, seconds: number, organization: string): Promise<void> {
  const story = beginStory(createdMs)
  await tell(test_.sql, [
    story.log('vividly.request.created', 0, { 'vividly.organization.id': organization }),
    story.log('vividly.stage.started', 0, stage),
    story.log('vividly.stage.completed', 2_000, stage),
    story.log('vividly.request.completed', seconds * 1_000),
  ])
}
async function read(query = ''): Promise<Metrics['buckets']> {
  const response = await app.request(`/metrics${query}`)
  expect(response.status).toBe(200)
  return metrics.parse(await response.json()).buckets
}
const refresh = async () => (await test_.sql`select refresh_request_metrics() as hours`)[0]?.['hours'] as number

test('hours say how many requests they had, how those ended and how long they took', async () => {
  for (const seconds of [10, 20, 30]) await complete(hourMs + seconds, seconds, 'north')
  await complete(hourMs + 3_599_999, 100, 'south')
  await complete(hourMs + 3_600_000, 7, 'south')
  const failed = beginStory(hourMs + 5)
  await tell(test_.sql, [
    failed.log('vividly.request.created', 0, { 'vividly.organization.id': 'north' }),
    failed.log('vividly.stage.failed', 10, { ...stage, 'vividly.stage.attempt': 3 }),
    failed.log('vividly.request.failed', 20),
  ])
  await tell(test_.sql, exampleLogs(beginStory(hourMs + 9), { 'vividly.organization.id': 'north' }))
  expect(await refresh()).toBe(2)

  const [first, second, ...others] = await read()
  expect(others).toEqual([])
  expect(first).toMatchObject({
    hour: new Date(hourMs).toISOString(),
    total: 6,
    completed: 4,
    failed: 1,
    cancelled: 0,
    success_rate: 0.8,
    average_duration_seconds: 40,
    p95_duration_seconds: 89.5,
  })
  expect(first?.stages[0]).toEqual({
    name: 'validation',
    completed: 5,
    failed: 1,
    retries: 2,
    average_duration_seconds: 1.84,
    p95_duration_seconds: 2,
  })
  expect(first?.stages.map(({ name }) => name)).toEqual(['validation', 'rag_retrieval', 'script_generation', 'video_generation'])
  expect(second).toMatchObject({ total: 1, success_rate: 1, average_duration_seconds: 7 })
  expect(await read('?organization=south')).toMatchObject([{ total: 1, average_duration_seconds: 100 }, { total: 1 }])
  expect(await read('?organization=nobody')).toEqual([])
  const iso = (ms: number) => new Date(ms).toISOString()
  expect(await read(`?from=${iso(hourMs + 1)}&to=${iso(hourMs + 3_600_001)}`)).toHaveLength(1)
})

test('hours are made again only when something in them changed, and not while another makes them', async () => {
  expect(await refresh()).toBe(0)
  await complete(hourMs + 50, 60, 'north')
  await test_.sql.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtext('refresh_request_metrics'))`
    expect(await refresh()).toBe(0)
  })
  expect(await refresh()).toBe(1)
  expect((await read())[0]?.total).toBe(7)
})

test('an hour whose requests are gone is gone', async () => {
  await test_.sql`delete from request_stages where request_id in (select id from content_requests where organization_id = 'south')`
  await test_.sql`delete from content_requests where organization_id = 'south'`
  await refresh()
  expect(await read('?organization=south')).toEqual([])
})

test('the tracker’s standing work keeps the figures fresh by itself', async () => {
  const errors: unknown[] = []
  const maintenance = startMaintenance(test_.url, (error) => errors.push(error))
  await complete(hourMs + 70, 60, 'east')
  await expect.poll(async () => (await read('?organization=east'))[0]?.completed, { timeout: 10_000 }).toBe(1)
  await maintenance.stop()
  expect(errors).toEqual([])
})

test('trimming deletes what is old enough, a batch at a time', async () => {
  const trim = async (keep: string) => (await test_.sql`select trim_change_log(${keep}::interval, 5) as gone`)[0]?.['gone'] as number
  expect(await trim('1 hour')).toBe(0)
  expect(await trim('0 seconds')).toBe(5)
})

test.each(['from=x', 'to=2026', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from=2020-01-01T00:00:00Z', 'hour=1'])(
  'metrics refuse %s',
  async (query) => {
    expect((await app.request(`/metrics?${query}`)).status).toBe(400)
  },
)
