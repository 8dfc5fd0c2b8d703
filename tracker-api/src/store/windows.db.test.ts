/** Windows are read from what is merged ahead; these hold that against the requests themselves, by SQL that knows no merging. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { readConcurrency } from './readConcurrency.ts'
import { TREND_STEPS } from './readFigures.ts'
import { readOutliers } from './readOutliers.ts'
import { readTrends } from './readTrends.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const DAYS = 4
const numRuns = Number(process.env['RUNS'] ?? 60)
const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
const startMs = endMs - DAYS * DAY_MS
const zones = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago']
const organizations = ['north', 'south']
const stage = { 'vividly.stage.name': 'validation' }

let test_: TestDatabase
let database: Database
/** The same numbers at every run. */
let seed = 7
const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below

beforeAll(async () => {
  test_ = await createTestDatabase()
  database = openDatabase(test_.url)
  await test_.sql`select ensure_partitions(now() - interval '6 days'), ensure_partitions(now() - interval '3 days')`
  for (let day = 0; day <= DAYS; day++) await test_.sql`select ensure_partitions(${new Date(startMs + day * DAY_MS)})`
  const signals = Array.from({ length: 400 }, () => {
    const story = beginStory(startMs + random(DAYS * DAY_MS))
    const waits = random(20_000)
    // One in twenty takes twenty times as long as the others; one in fifty goes on.
    const seconds = (2 + random(3)) * (random(20) === 0 ? 20 : 1)
    const began = [
      story.log('vividly.request.created', 0, { 'vividly.organization.id': organizations[random(3)] ?? null }),
      story.log('vividly.stage.started', waits, stage),
    ]
    if (random(50) === 0) return began
    const how = random(10) === 0 ? 'failed' : 'completed'
    return [
      ...began,
      story.log(`vividly.stage.${how}`, waits + seconds * 1000, stage),
      story.log(`vividly.request.${how}`, waits + seconds * 1000 + random(5_000)),
    ]
  }).flat()
  await tell(test_.sql, signals)
  await test_.sql`select refresh_request_metrics(1000)`
})
afterAll(async () => {
  await database.close()
  await test_.drop()
})

/** Some days and hours are merged, others not, or not yet again. */
async function mergeSome(keeps: number): Promise<void> {
  await test_.sql`select make_request_periods(1000)`
  await test_.sql`
    with gone as (
      delete from request_periods where mod(abs(hashint8(extract(epoch from opens)::bigint)), 100) >= ${keeps} returning step, opens
    )
    insert into request_periods_due select distinct step, opens from gone`
}
const organizationOf = fc.constantFrom(undefined, ...organizations, 'nobody')
const windowOf = fc
  .tuple(fc.integer({ min: -DAY_MS, max: DAYS * DAY_MS }), fc.integer({ min: 1, max: 4 * DAY_MS }), organizationOf)
  .map(([from, long, organization]) => ({ fromUs: (startMs + from) * 1000, toUs: (startMs + from + long) * 1000, organization }))
const times = (window: { fromUs: number; toUs: number }): [Date, Date] => [new Date(window.fromUs / 1000), new Date(window.toUs / 1000)]

test.each([100, 60, 0])('with %i of 100 hours and days merged, trends are those of quarters', { timeout: 120_000 }, async (keeps) => {
  await mergeSome(keeps)
  const [merged] = await test_.sql`select count(*)::integer as count from request_periods where step = 'day'`
  expect(merged?.['count'] > 0).toBe(keeps > 0)
  await fc.assert(
    fc.asyncProperty(windowOf, fc.constantFrom(...TREND_STEPS), fc.constantFrom(...zones), async (window, step, zone) => {
      const [from, to] = times(window)
      const expected = await test_.sql`
        select iso_utc(bucket) as from, stage_name as stage, stage_order as order, total::float8, completed::float8, failed::float8,
          cancelled::float8, skipped::float8, retries::float8, round(average_seconds::numeric, 3)::float8 as average_duration_seconds,
          round(p50_seconds::numeric, 3)::float8 as p50_duration_seconds, round(p95_seconds::numeric, 3)::float8 as p95_duration_seconds,
          round(p99_seconds::numeric, 3)::float8 as p99_duration_seconds
        from request_trends(${from}, ${to}, ${step}, ${zone}, ${window.organization ?? null})`
      const { buckets } = JSON.parse(await readTrends(database.read, window, step, zone)) as { buckets: Record<string, unknown>[] }
      const averages = (rows: readonly Record<string, unknown>[]) => rows.map((row) => Number(row['average_duration_seconds']))
      const others = (rows: readonly Record<string, unknown>[]) =>
        rows.map((row) => ({ ...row, success_rate: undefined, average_duration_seconds: undefined }))
      expect(others(buckets)).toEqual(others(expected))
      // The last digit may be rounded the other way.
      for (const [n, average] of averages(expected).entries()) expect(Math.abs((averages(buckets)[n] ?? NaN) - average)).toBeLessThan(0.0015)
    }),
    { numRuns },
  )
})

test('outliers are those found by reading every stage, whether or not it is known what is slow', { timeout: 120_000 }, async () => {
  let found = 0
  const compare = fc.asyncProperty(windowOf, async (window) => {
    const [from, to] = times(window)
    const expected = await test_.sql`
      select request_id, stage_name as stage from stage_outliers(${from}, ${to}, ${window.organization ?? null})
      order by ratio desc, request_id, stage_name limit 200`
    const { items } = JSON.parse(await readOutliers(database.read, window, 200)) as { items: { request_id: string; stage: string }[] }
    expect(items.map(({ request_id, stage: of }) => ({ request_id, stage: of }))).toEqual([...expected])
    found += items.length
  })
  await fc.assert(compare, { numRuns })
  expect(found).toBeGreaterThan(0)
  await test_.sql`update request_quarters set slow_from = null where mod(extract(minute from quarter)::integer, 30) = 0`
  await fc.assert(compare, { numRuns })
})

test('concurrency is exact on average and at most what ends in ten seconds below the peak', { timeout: 120_000 }, async () => {
  const tens = 10_000_000
  await fc.assert(
    fc.asyncProperty(windowOf, async (asked) => {
      const fromUs = Math.floor(asked.fromUs / tens) * tens
      const window = { ...asked, fromUs, toUs: Math.max(fromUs + tens, Math.floor(asked.toUs / tens) * tens) }
      const [from, to] = times(window)
      const [exact] = await test_.sql`
        select average, peak::float8, queue_average, queue_peak::float8
        from request_concurrency(${from}, ${to}, ${window.organization ?? null})`
      const told = JSON.parse(await readConcurrency(database.read, window)) as Record<string, number>
      // What goes on is looked back upon for a day in one account, and for whole hours in the other.
      const [more] = await test_.sql`
        select count(*)::float8 as count from content_requests
        where outcome is null and created_at < ${from}::timestamptz - interval '24 hours'
          and created_at >= date_trunc('hour', ${from}::timestamptz - interval '24 hours')`
      const slack = more?.['count']
      for (const kind of ['', 'queue_']) {
        expect(Math.abs((told[`${kind}average`] ?? NaN) - exact?.[`${kind}average`])).toBeLessThanOrEqual(slack + 0.001)
        expect(told[`${kind}peak`]).toBeLessThanOrEqual(exact?.[`${kind}peak`] + slack)
        expect(told[`${kind}peak`]).toBeGreaterThanOrEqual(Math.floor(exact?.[`${kind}average`]))
      }
    }),
    { numRuns },
  )
})

test('late data takes away what was merged of its hour and day, and the next merging has it', async () => {
  await test_.sql`select make_request_periods(1000)`
  await test_.sql`select refresh_request_metrics(1000)`
  const total = async (): Promise<number> => {
    const window = { fromUs: startMs * 1000, toUs: endMs * 1000, organization: undefined }
    const { buckets } = JSON.parse(await readTrends(database.read, window, 'all', 'UTC', 'validation')) as { buckets: { total: number }[] }
    return buckets[0]?.total ?? 0
  }
  const before = await total()
  const story = beginStory(startMs + DAY_MS + HOUR_MS)
  await tell(test_.sql, [story.log('vividly.request.created', 0), story.log('vividly.stage.started', 0, stage)])
  await test_.sql`select refresh_request_metrics(1000)`
  expect(await total()).toBe(before + 1)
  await test_.sql`select make_request_periods(1000)`
  expect(await total()).toBe(before + 1)
})
