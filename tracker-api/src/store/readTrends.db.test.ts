import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { readBreakerHistory } from './readBreakerHistory.ts'
import { readComparison } from './readComparison.ts'
import { readConcurrency } from './readConcurrency.ts'
import { readOutliers } from './readOutliers.ts'
import { readStageNormals } from './readStageNormals.ts'
import { readTrends } from './readTrends.ts'
import { rebuild } from './rebuild.ts'

const HOUR_MS = 3_600_000
const hourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 12 * HOUR_MS
const zones = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago']
const stage = { 'vividly.stage.name': 'validation' }

let test_: TestDatabase
let database: Database
beforeAll(async () => {
  test_ = await createTestDatabase()
  database = openDatabase(test_.url)
  await test_.sql`select ensure_partitions(now() - interval '1 day')`
})
afterAll(async () => {
  await database.close()
  await test_.drop()
})

async function complete(createdMs: number, seconds: number): Promise<void> {
  const story = beginStory(createdMs)
  await tell(test_.sql, [
    story.log('vividly.request.created', 0, { 'vividly.organization.id': 'north' }),
    story.log('vividly.stage.started', 0, stage),
    story.log('vividly.stage.completed', seconds * 1000, stage),
    story.log('vividly.request.completed', seconds * 1000),
  ])
}
const window = (fromMs: number, toMs: number) => ({ fromUs: fromMs * 1000, toUs: toMs * 1000, organization: undefined })
const all = window(hourMs - 40 * 24 * HOUR_MS, hourMs + 24 * HOUR_MS)
const quarters = () => test_.sql`select * from request_quarters order by quarter, organization_id, stage_name`

test('late data gives what a computation from scratch gives', async () => {
  for (let n = 0; n < 25; n++) await complete(hourMs - 20 * HOUR_MS + n * 600_000, 2)
  await test_.sql`select refresh_request_metrics(100)`
  await complete(hourMs - 18 * HOUR_MS, 4)
  await complete(hourMs, 30)
  await test_.sql`select refresh_request_metrics(100)`
  const updated = await quarters()
  await test_.sql`delete from request_quarters`
  expect(await rebuild(test_.url)).toMatchObject({ batches: 1 })
  expect(await quarters()).toEqual(updated)
  expect(updated.length).toBeGreaterThan(20)
})

test.each(zones)('a day is one of %s', async (zone) => {
  const { buckets } = JSON.parse(await readTrends(database.read, all, 'day', zone)) as {
    buckets: { from: string; stage: string | null; total: number }[]
  }
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
  const expected = new Map<string, number>()
  for (const { created_at: at } of await test_.sql<{ created_at: Date }[]>`select created_at from content_requests`) {
    expected.set(day.format(at), (expected.get(day.format(at)) ?? 0) + 1)
  }
  expect(expected.size).toBeGreaterThan(0)
  const whole = buckets.filter((bucket) => bucket.stage === null)
  expect(new Map(whole.map(({ from, total }) => [day.format(new Date(from)), total]))).toEqual(expected)
})

test('what is slow against its own normal is named', async () => {
  const outliers = JSON.parse(await readOutliers(database.read, window(hourMs, hourMs + HOUR_MS), 10)) as { items: object[] }
  expect(outliers.items).toEqual([expect.objectContaining({ stage: 'validation', duration_seconds: 30 })])
  const normals = JSON.parse(await readStageNormals(database.read, hourMs * 1000, undefined)) as { items: object[] }
  expect(normals.items).toContainEqual(expect.objectContaining({ stage: 'validation', samples: 26 }))
})

test('a window stands beside the one before it', async () => {
  const text = await readComparison(database.read, window(hourMs, hourMs + 24 * HOUR_MS))
  const { stages } = JSON.parse(text) as { stages: object[] }
  expect(stages[0]).toMatchObject({ stage: null, now: { total: 1 }, before: { total: 26 }, last_week: null })
})

test('concurrency is what overlaps', async () => {
  const later = hourMs + 2 * HOUR_MS
  await complete(later, 1800)
  await complete(later + 600_000, 1800)
  await test_.sql`select refresh_request_metrics(100)`
  const concurrency = await readConcurrency(database.read, window(later, later + HOUR_MS))
  expect(JSON.parse(concurrency)).toEqual({ average: 1, peak: 2, queue_average: 0, queue_peak: 0 })
})

test('every change of a breaker is kept once, whoever tells it', async () => {
  const at = Date.now()
  await test_.sql`
    insert into circuit_breakers (name, service, instance_id, state, updated_at, digest, first_seen_at)
    values ('gemini', 'worker', '1', 'closed', ${new Date(at)}, '', ${new Date(at)})`
  await test_.sql`update circuit_breakers set state = 'open', updated_at = ${new Date(at + 1000)}`
  const text = await readBreakerHistory(database.read, { fromUs: (at - 1) * 1000, toUs: (at + 2000) * 1000 }, 'gemini', 10)
  const { items } = JSON.parse(text) as { items: object[] }
  expect(items).toMatchObject([
    { state: 'open', previous_state: 'closed' },
    { state: 'closed', previous_state: null },
  ])
})

test('changes of one batch that services tell twice and out of order are all there once', async () => {
  const story = beginStory(hourMs)
  const turn = (afterMs: number, state: string, previous: string) =>
    story.log('vividly.circuit_breaker.state_changed', afterMs, {
      'vividly.circuit_breaker.name': 'nano_banana',
      'vividly.circuit_breaker.state': state,
      'vividly.circuit_breaker.previous_state': previous,
    })
  const turns = [turn(2000, 'half_open', 'open'), turn(1000, 'open', 'closed'), turn(3000, 'closed', 'half_open')]
  await tell(test_.sql, turns)
  await tell(test_.sql, turns.toReversed())
  const text = await readBreakerHistory(database.read, all, 'nano_banana', 10)
  const { items } = JSON.parse(text) as { items: { state: string; previous_state: string }[] }
  expect(items.map(({ state, previous_state }) => [previous_state, state])).toEqual([
    ['half_open', 'closed'],
    ['open', 'half_open'],
    ['closed', 'open'],
  ])
})
