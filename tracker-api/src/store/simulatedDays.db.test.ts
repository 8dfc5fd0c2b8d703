/** Days around every midnight of five time zones, told as services tell them, with retention and merging in between. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { readTrends } from './readTrends.ts'
import { recordSignals } from './recordSignals.ts'
import { retain } from './retain.ts'

const DAY_MS = 86_400_000
/** 400 hold both switches of every zone; more: `DAYS=1000 EVERY=1 npx vitest run --project db simulatedDays`. */
const days = Number(process.env['DAYS'] ?? 400)
/** Of those, every so many are told, and all on which a clock is turned. */
const every = Number(process.env['EVERY'] ?? 3)
const DAYS_AT_ONCE = 8
const zones = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago']
const stage = { 'vividly.stage.name': 'validation' }
/** Around midnight, and where clocks are turned. */
const OFFSETS_MS = [-1, 0, 2 * 3_600_000 - 1, 2 * 3_600_000]
/** The last day told is yesterday: what lies ahead of the real clock would be refused. */
const firstDay = Math.floor(Date.now() / DAY_MS) - days - 1

let test_: TestDatabase
let database: Database
const createdMs: number[] = []

beforeAll(async () => {
  test_ = await createTestDatabase()
  database = openDatabase(test_.url)
  await test_.sql`update partition_policies set keep = make_interval(days => ${days + 70}::integer)`
})
afterAll(async () => {
  await database.close()
  await test_.drop()
})

async function toldDays(): Promise<{ day: number; is_turned: boolean }[]> {
  const rows = await test_.sql<{ day: number; is_turned: boolean }[]>`
    select d.day, exists (
      select from unnest(${zones}::text[]) zone
      where (t.date + 1)::timestamp at time zone zone - t.date::timestamp at time zone zone <> interval '24 hours'
    ) as is_turned
    from generate_series(${firstDay}::integer, ${firstDay + days - 1}::integer) d (day),
      lateral (select date '1970-01-01' + d.day as date) t
    order by d.day`
  return rows.filter(({ day, is_turned: isTurned }) => isTurned || day % every === 0)
}

async function midnights(day: number): Promise<number[]> {
  const rows = await test_.sql<{ at: Date }[]>`
    select (to_timestamp(${day * 86_400}) at time zone 'UTC')::date::timestamp at time zone zone as at from unnest(${zones}::text[]) zone`
  return rows.map(({ at }) => at.getTime())
}

test(`in ${days} days nothing is refused, lost or counted on another day`, { timeout: 900_000 }, async () => {
  const jumpsMs = [0, -3_600_000, DAY_MS, -DAY_MS]
  let turn = 0
  const picked = await toldDays()
  // Three zones turn their clocks twice a year, two of them once on the same day.
  expect(picked.filter(({ is_turned: isTurned }) => isTurned).length).toBeGreaterThanOrEqual(5 * Math.floor(days / 366))
  const told = picked.map(({ day }) => day)
  for (let at = 0; at < told.length; at += DAYS_AT_ONCE) {
    const many = told.slice(at, at + DAYS_AT_ONCE)
    const moments = (await Promise.all(many.map(midnights))).flat().flatMap((at) => OFFSETS_MS.map((offset) => at + offset))
    createdMs.push(...moments)
    // As ingest does: a partition that is missing is made.
    const logs = moments.flatMap((at) => {
      const story = beginStory(at)
      return [
        story.log('vividly.request.created', 0, { 'vividly.organization.id': 'north' }),
        story.log('vividly.stage.started', 0, stage),
        story.log('vividly.stage.completed', 1000, stage),
        story.log('vividly.request.completed', 1000),
      ]
    })
    expect(await recordSignals(database, { logs, spans: [], refusals: [] })).toEqual({ refused: [] })
    // As the clock of a replica in that zone would have it, an hour too early and a day back among them.
    const nowMs = (moments[0] ?? 0) + (jumpsMs[turn % jumpsMs.length] ?? 0)
    turn++
    const retained = await retain(test_.url, nowMs, { timezone: zones[turn % zones.length] ?? 'UTC' })
    expect(retained?.postponed).toEqual([])
    for (let made = 24; made > 0; ) made = (await test_.sql<{ made: number }[]>`select refresh_request_metrics(200) as made`)[0]?.made ?? 0
    await test_.sql`select make_request_periods(500)`
  }
  expect(await test_.sql`select from dead_letters`).toEqual([])
  const [stored] = await test_.sql`select count(*)::integer as requests from content_requests`
  expect(stored?.['requests']).toBe(createdMs.length)
  const [merged] = await test_.sql`select count(*)::integer as days from request_periods where step = 'day' and stage_name is null and organization_id is null`
  expect(merged?.['days']).toBeGreaterThanOrEqual(told.length)
})

const dayTotals = async (zone: string): Promise<Map<string, number>> => {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
  const window = { fromUs: (firstDay - 2) * DAY_MS * 1000, toUs: (firstDay + days + 3) * DAY_MS * 1000, organization: 'north' }
  const { buckets } = JSON.parse(await readTrends(database.read, window, 'day', zone, 'validation')) as {
    buckets: { from: string; total: number }[]
  }
  return new Map(buckets.map(({ from, total }) => [day.format(new Date(from)), total]))
}

test.each(zones)('each day of %s holds what its own clock says', async (zone) => {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
  const expected = new Map<string, number>()
  for (const at of createdMs) expected.set(day.format(at), (expected.get(day.format(at)) ?? 0) + 1)
  expect(expected.size).toBeGreaterThanOrEqual(days / every)
  expect(await dayTotals(zone)).toEqual(expected)
})

test('figures outlive the requests they are of', { timeout: 300_000 }, async () => {
  const before = await dayTotals('Asia/Kathmandu')
  await test_.sql`update partition_policies set keep = case step when 'month' then interval '2 months' else interval '30 days' end`
  const retained = await retain(test_.url, Date.now())
  expect(retained?.dropped.filter((name) => name.startsWith('content_requests')).length).toBeGreaterThan(days / 31 - 4)
  await test_.sql`select refresh_request_metrics(1000)`
  await test_.sql`select make_request_periods(1000)`
  expect(await dayTotals('Asia/Kathmandu')).toEqual(before)
})
