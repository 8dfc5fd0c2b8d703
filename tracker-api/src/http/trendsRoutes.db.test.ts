import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { breakerHistory, concurrency, outliers, stageNormals, trendComparison, trends } from '../trendsContract.ts'

const HOUR_MS = 3_600_000
const stage = { 'vividly.stage.name': 'validation' }
const hourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS
const at = (ms: number): string => new Date(ms).toISOString()
const thatHour = `from=${at(hourMs)}&to=${at(hourMs + HOUR_MS)}`
let test_: TestDatabase
let app: Monitoring

beforeAll(async () => {
  test_ = await createTestDatabase()
  await test_.sql`select ensure_partitions(now() - interval '1 day')`
  app = await startMonitoring(test_.url)
  // Twenty-five a day ago took two seconds; one of north took thirty.
  for (let n = 0; n < 25; n++) await complete(hourMs - 20 * HOUR_MS + n * 1000, 2, 'south')
  await complete(hourMs + 60_000, 30, 'north')
  const told = beginStory(hourMs)
  const turn = (afterMs: number, state: string) => {
    const attributes = { 'vividly.circuit_breaker.name': 'a/b c', 'vividly.circuit_breaker.state': state }
    return told.log('vividly.circuit_breaker.state_changed', afterMs, attributes, { trace_id: null })
  }
  await tell(test_.sql, [turn(1000, 'open'), turn(2000, 'half_open'), turn(3000, 'closed')])
  await test_.sql`select refresh_request_metrics(100)`
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

async function complete(createdMs: number, seconds: number, organization: string): Promise<void> {
  const story = beginStory(createdMs)
  await tell(test_.sql, [
    story.log('vividly.request.created', 0, { 'vividly.organization.id': organization }),
    story.log('vividly.stage.started', 0, stage),
    story.log('vividly.stage.completed', seconds * 1000, stage),
    story.log('vividly.request.completed', seconds * 1000),
  ])
}
async function get<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  const response = await app.request(path)
  expect(response.status).toBe(200)
  return schema.parse(await response.json())
}

test('trends tell whole requests and stages, by step, organization and stage', async () => {
  const { buckets } = await get(trends, '/trends?step=hour')
  expect(buckets.map(({ from, stage: of, total }) => [from, of, total])).toEqual([
    [at(hourMs - 20 * HOUR_MS), null, 25],
    [at(hourMs - 20 * HOUR_MS), 'validation', 25],
    [at(hourMs), null, 1],
    [at(hourMs), 'validation', 1],
  ])
  expect(buckets[3]).toMatchObject({ completed: 1, success_rate: 1, average_duration_seconds: 30 })
  const north = await get(trends, '/trends?step=all&organization=north&stage=validation')
  expect(north.buckets).toMatchObject([{ stage: 'validation', total: 1 }])
  expect((await get(trends, '/trends?organization=west')).buckets).toEqual([])
})

test('a window stands beside those before', async () => {
  const path = `/trends/comparison?from=${at(hourMs)}&to=${at(hourMs + 24 * HOUR_MS)}`
  const { stages } = await get(trendComparison, path)
  expect(stages[0]).toMatchObject({ stage: null, now: { total: 1 }, before: { total: 25 }, last_week: null })
  const north = await get(trendComparison, `${path}&organization=north`)
  expect(north.stages[0]).toMatchObject({ stage: null, now: { total: 1 }, before: null })
})

test('outliers, normals and concurrency are of the window and the organization', async () => {
  expect((await get(outliers, `/outliers?${thatHour}`)).items).toMatchObject([{ stage: 'validation', duration_seconds: 30 }])
  // North has no twenty stages to be measured by.
  expect((await get(outliers, `/outliers?${thatHour}&organization=north`)).items).toEqual([])
  const normals = await get(stageNormals, `/stages/normals?at=${at(hourMs)}&organization=south`)
  expect(normals.items.map(({ stage: of, samples }) => [of, samples])).toEqual([[null, 25], ['validation', 25]])
  expect(await get(concurrency, `/trends/concurrency?${thatHour}`)).toMatchObject({ peak: 1, queue_peak: 0 })
  expect(await get(concurrency, `/trends/concurrency?${thatHour}&organization=south`)).toMatchObject({ peak: 0 })
})

test('the history of a breaker is found by its name, whatever that is, and ends at the limit', async () => {
  const path = `/circuit-breakers/${encodeURIComponent('a/b c')}/history`
  const { items } = await get(breakerHistory, path)
  expect(items.map(({ name, state }) => `${name} ${state}`)).toEqual(['a/b c closed', 'a/b c half_open', 'a/b c open'])
  expect((await get(breakerHistory, `${path}?limit=1`)).items).toHaveLength(1)
  expect((await get(breakerHistory, '/circuit-breakers/nobody/history')).items).toEqual([])
})

test.each([
  ['/trends?step=minute', 'hour, day, week, month, all'],
  ['/trends?tz=Mars/Olympus', 'not a time zone'],
  ['/trends?from=2020-01-01T00:00:00Z', 'at most 400 days'],
  ['/trends?step=hour&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z', 'at most 100 days'],
  ['/trends/comparison?from=2020-01-01T00:00:00Z', 'at most 100 days'],
  ['/trends/concurrency?from=2026-01-01T00:00:00Z&to=2026-01-09T00:00:00Z', 'at most 7 days'],
  ['/outliers?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'later than to'],
  ['/outliers?limit=201', 'from 1 to 200'],
  ['/circuit-breakers/%00/history', 'NUL'],
])('%s is refused', async (path, detail) => {
  const response = await app.request(path)
  expect(response.status).toBe(400)
  expect(await response.text()).toContain(detail)
})

test.each(['/outliers', '/trends', '/trends/comparison', '/trends/concurrency'])('%s of ages without a request is empty', async (path) => {
  for (const bound of ['to=0020-02-29T00:00:00Z', 'from=9000-01-01T00:00:00Z', 'to=1970-01-01T00:00:00Z']) {
    expect((await app.request(`${path}?${bound}`)).status).toBe(200)
  }
})
