import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { retain } from './retain.ts'

const DAY_MS = 86_400_000
/** Longer: `DAYS=4000 npx vitest run --project db retain`. */
const days = Number(process.env['DAYS'] ?? 400)
const zones = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago']
const startMs = Date.UTC(2027, 0, 15, 23, 59)

let test_: TestDatabase
beforeAll(async () => {
  test_ = await createTestDatabase()
})
afterAll(() => test_.drop())

const timePartitions = async (): Promise<string[]> =>
  (
    await test_.sql<{ name: string }[]>`
      select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where c.relkind = 'r' and c.relname ~ '^request_(events|spans)_[0-9]' order by name`
  ).map(({ name }) => name)

test(`through ${days} days in five time zones every partition is there in time and leaves in time`, { timeout: 600_000 }, async () => {
  let dropped = 0
  for (let day = 0; day < days; day++) {
    const nowMs = startMs + day * DAY_MS
    const retained = await retain(test_.url, nowMs, { timezone: zones[day % zones.length] ?? 'UTC' })
    expect(retained?.postponed).toEqual([])
    dropped += retained?.dropped.length ?? 0
    if (day % 20 !== 0 && day !== days - 1) continue
    // From the next day's first to the last ID that ingest would take, and the oldest that it must keep.
    const [row] = await test_.sql<{ missing: number }[]>`
      select count(*)::integer as missing
      from generate_series(0, 1) ahead,
        lateral (select 'request_events_' || to_char(to_timestamp(${nowMs / 1000}) at time zone 'UTC' + ahead * interval '1 day', 'YYYY_MM_DD') as name) p
      where to_regclass(p.name) is null`
    expect(row?.missing).toBe(0)
    const oldest = (await timePartitions())[0]
    const keptMs = Math.max(nowMs - 30 * DAY_MS, startMs - DAY_MS)
    expect(oldest).toBe(`request_events_${new Date(keptMs).toISOString().slice(0, 10).replaceAll('-', '_')}`)
  }
  expect(dropped).toBeGreaterThan(2 * (days - 35))
})

test('a clock that jumps a day ahead and back harms nothing', async () => {
  const nowMs = startMs + days * DAY_MS
  for (const jumpMs of [DAY_MS, 0, -DAY_MS, 0]) {
    expect((await retain(test_.url, nowMs + jumpMs))?.postponed).toEqual([])
  }
})

test('an interrupted detach is finished, and a partition in use is left to the next run', async () => {
  const nowMs = startMs + (days + 3) * DAY_MS
  await retain(test_.url, nowMs)
  const oldest = (await timePartitions())[0] ?? ''
  const reader = await test_.sql.reserve()
  await reader`begin`
  await reader`select count(*) from ${reader(oldest)}`
  const busy = await retain(test_.url, nowMs + DAY_MS)
  expect(busy?.postponed).toEqual([oldest])
  await reader`commit`
  reader.release()
  expect((await retain(test_.url, nowMs + DAY_MS))?.dropped).toEqual([oldest])
})

test('of two replicas one does it', async () => {
  const holder = await test_.sql.reserve()
  await holder`select pg_advisory_lock(hashtext('vividly retention'))`
  expect(await retain(test_.url, startMs)).toBeUndefined()
  await holder`select pg_advisory_unlock(hashtext('vividly retention'))`
  holder.release()
})

test('rows without partitions go when their own time is over, and not before', async () => {
  const now = Date.now()
  await test_.sql`
    insert into dead_letters (signal, reason, received_at)
    values ('span', 'old', now() - interval '31 days'), ('span', 'young', now() - interval '29 days')`
  await test_.sql`
    insert into content_requests (id, received_at) values
      ('0af76519-16cd-43dd-8448-eb211c80319c', now() - interval '15 months'),
      ('0af76519-16cd-43dd-8448-eb211c80319d', now())`
  const retained = await retain(test_.url, now)
  expect(retained?.deleted).toEqual({ dead_letters: 1, content_requests: 1 })
  expect(await test_.sql`select reason from dead_letters`).toEqual([{ reason: 'young' }])
})

test('a name stays while a request of its student does, and goes with the last', async () => {
  const now = Date.now()
  const fresh = await createTestDatabase()
  await fresh.sql`
    insert into students (organization_id, student_id, full_name, named_at) values
      ('north', 'gone', 'Ada', now() - interval '15 months'), ('north', 'kept', 'Bo', now() - interval '15 months'),
      ('north', 'young', 'Cy', now() - interval '12 months'), ('south', 'kept', 'Di', now() - interval '15 months')`
  await fresh.sql`insert into content_requests (id, organization_id, student_id) values ('0af76519-16cd-43dd-8448-eb211c80319e', 'north', 'kept')`
  const retained = await retain(fresh.url, now)
  expect(retained?.deleted).toEqual({ students: 2 })
  expect(await fresh.sql`select full_name from students order by full_name`).toEqual([{ full_name: 'Bo' }, { full_name: 'Cy' }])
  await fresh.drop()
})

test('services send while partitions come and go, without an error', async () => {
  const fresh = await createTestDatabase()
  let isOver = false
  const sending = (async () => {
    let sent = 0
    for (; !isOver; sent++) {
      await tell(fresh.sql, exampleLogs(beginStory(Date.now())))
      await sleep(5)
    }
    return sent
  })()
  const past = Date.now() - 60 * DAY_MS
  await fresh.sql`select ensure_partitions(to_timestamp(${past / 1000}))`
  const retained = await retain(fresh.url, Date.now())
  isOver = true
  const sent = await sending
  expect(retained?.dropped.length).toBeGreaterThan(5)
  const [row] = await fresh.sql`select count(*)::integer as kept from content_requests`
  expect(row?.['kept']).toBe(sent)
  await fresh.drop()
})
