import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { circuitBreakers, dashboard, requestList } from '../contract.ts'
import type { RequestRow } from '../contract.ts'
import { followStream } from '../testing/followStream.ts'
import type { Followed } from '../testing/followStream.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import type { Story } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let replica: Monitoring
const open: Followed[] = []
beforeAll(async () => {
  test_ = await createTestDatabase()
  replica = await startMonitoring(test_.url, { heartbeatMs: 300 })
})
afterEach(() => {
  for (const stream of open.splice(0)) stream.cut()
  if (replica.errors.length > 0) throw new AggregateError(replica.errors.splice(0), 'the replica had errors')
})
afterAll(async () => {
  await replica.close()
  await test_.drop()
})

async function follow(query = '', options: Parameters<typeof followStream>[1] = {}, at = replica): Promise<Followed> {
  const stream = await followStream(`${at.url}/stream${query}`, options)
  open.push(stream)
  return stream
}
const created = (story: Story, attributes = {}) =>
  story.log('vividly.request.created', 0, { 'vividly.request.topic': 'Algebra', ...attributes })
const newStory = () => beginStory(Date.now())
async function listAll(): Promise<Map<string, RequestRow>> {
  const list = requestList.parse(await (await replica.request('/requests?limit=200')).json())
  expect(list.next_cursor).toBeNull()
  return new Map(list.items.map((row) => [row.id, row]))
}
/** What does not depend on the moment of reading. */
const settled = (rows: Map<string, RequestRow>) =>
  Object.fromEntries([...rows].map(([id, row]) => [id, { ...row, elapsed_seconds: 0, time_progress_ratio: 0 }]))

test('a stream begins with its terms, and without a cursor asks for a snapshot', async () => {
  const stream = await follow()
  await stream.waitFor('reset', ({ reason }) => reason === 'no_cursor')
  expect(stream.headers.get('content-type')).toContain('text/event-stream')
  expect(stream.headers.get('cache-control')).toBe('no-store, no-transform')
  expect(stream.headers.get('x-accel-buffering')).toBe('no')
  expect(stream.headers.get('x-content-type-options')).toBe('nosniff')
  expect(stream.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(stream.raw[0]).toMatch(/^retry: \d{4}$/)
  expect(stream.frames[0]).toMatchObject({ event: 'hello', id: expect.stringMatching(/^[0-9a-f]{12}\.\d+$/) })
})

test('a change is heard within a second, and a direct update in SQL as any other', async () => {
  const stream = await follow()
  await stream.waitFor('hello')
  const story = newStory()
  const toldMs = performance.now()
  await tell(test_.sql, exampleLogs(story))
  const first = await stream.waitFor('request', ({ row }) => row.id === story.requestId)
  expect(performance.now() - toldMs).toBeLessThan(1_000)
  expect(first.row).toMatchObject({ status: 'generating_video', progress_percentage: 66, student_name: 'Jane Doe' })

  await test_.sql`
    update request_stages set status = 'completed' where request_id = ${story.requestId} and stage_name = 'video_generation'`
  await test_.sql`
    insert into request_stages (request_id, stage_name, stage_order, status) values (${story.requestId}, 'video_processing', 5, 'in_progress')`
  const last = await stream.waitFor('request', ({ row }) => row.id === story.requestId && row.progress_percentage === 83)
  expect(last.row).toMatchObject({ status: 'processing_video', current_stage: 'video_processing' })
  expect(last.version).toBeGreaterThan(first.version)
})

test('stats follow the changes and say what the dashboard says', async () => {
  const stream = await follow('?tz=Europe/Berlin')
  await stream.waitFor('hello')
  const story = newStory()
  await tell(test_.sql, [created(story), story.log('vividly.request.completed', 5)])
  await stream.waitFor('request', ({ row }) => row.id === story.requestId)
  const asked = dashboard.parse(await (await replica.request('/dashboard?tz=Europe/Berlin')).json())
  const told = await stream.waitFor('stats', (stats) => stats.completed_today === asked.completed_today)
  expect({ ...told, stream_cursor: asked.stream_cursor }).toEqual(asked)
  expect(stream.raw.find((text) => text.includes('event: stats'))).not.toContain('id:')
})

test('a heartbeat carries the digest of what has not ended', async () => {
  await tell(test_.sql, [created(newStory()), created(newStory())])
  const stream = await follow()
  const beat = await stream.waitFor('heartbeat')
  const active = [...(await listAll()).values()].filter((row) => !['completed', 'failed', 'cancelled'].includes(row.status))
  const shares = active.map(({ id, version }) => (BigInt(`0x${id.slice(19).replace('-', '')}`) | 1n) * BigInt(version))
  expect(beat.inflight_count).toBe(active.length)
  expect(beat.inflight_digest).toBe(String(BigInt.asUintN(64, shares.reduce((sum, share) => sum + share, 0n))))
})

test('a breaker is heard of as the endpoint shows it', async () => {
  const stream = await follow()
  await stream.waitFor('hello')
  await tell(test_.sql, [
    newStory().log('vividly.circuit_breaker.state_changed', 0, {
      'vividly.circuit_breaker.name': 'nano_banana',
      'vividly.circuit_breaker.state': 'open',
    }),
  ])
  const { row } = await stream.waitFor('circuit_breaker', ({ row }) => row.name === 'nano_banana')
  const { items } = circuitBreakers.parse(await (await replica.request('/circuit-breakers')).json())
  expect(items).toEqual([row])
})

test('a filtered stream tells what matches, removes what no longer does, and is silent about other organizations', async () => {
  const stream = await follow('?organization=filtered&status=pending')
  await stream.waitFor('hello')
  const [mine, other] = [newStory(), newStory()]
  await tell(test_.sql, [created(mine, { 'vividly.organization.id': 'filtered' }), created(other, { 'vividly.organization.id': 'else' })])
  await stream.waitFor('request', ({ row }) => row.id === mine.requestId)
  await tell(test_.sql, [mine, other].map((story) => story.log('vividly.stage.started', 1, { 'vividly.stage.name': 'validation' })))
  await stream.waitFor('remove', ({ id }) => id === mine.requestId)
  await tell(test_.sql, [mine.log('vividly.stage.completed', 2, { 'vividly.stage.name': 'validation' })])
  await stream.waitFor('heartbeat', ({ inflight_count: count }) => count === 0)
  expect(stream.raw.join('\n')).not.toContain(other.requestId)
  expect(stream.frames.filter(({ event }) => event === 'remove')).toHaveLength(1)
})

test('a request that moves to another organization leaves the former’s stream, and a deleted one that of its own only', async () => {
  const [former, latter, other] = await Promise.all(['former', 'latter', 'other'].map((name) => follow(`?organization=${name}`)))
  for (const stream of [former, latter, other]) await stream?.waitFor('hello')
  const story = newStory()
  await tell(test_.sql, [created(story, { 'vividly.organization.id': 'former' })])
  await former?.waitFor('request', ({ row }) => row.id === story.requestId)
  await test_.sql`update content_requests set organization_id = 'latter' where id = ${story.requestId}`
  await former?.waitFor('remove', ({ id }) => id === story.requestId)
  await latter?.waitFor('request', ({ row }) => row.id === story.requestId)
  expect(other?.raw.join('\n')).not.toContain(story.requestId)
})

test('another history of transactions has another epoch, and what was restored from it is no change', async () => {
  const [before] = await test_.sql`select epoch, transaction_history() as history from change_feed_epoch`
  const stream = await follow()
  await stream.waitFor('hello', ({ epoch }) => epoch === before?.['epoch'])
  expect(before?.['history']).toMatch(/^\d+\/[0-9A-F]{8}\/\d+$/)
  const ahead = newStory()
  await test_.sql`insert into change_log (xid, request_id, version) values ('9000000000000', ${ahead.requestId}, 7)`
  await test_.sql`update change_feed_epoch set trimmed_xid = '9000000000000'`
  const { stream_cursor: cursor } = requestList.parse(await (await replica.request('/requests')).json())
  const resumed = await follow(`?cursor=${cursor}`)
  const story = newStory()
  await tell(test_.sql, [created(story)])
  await resumed.waitFor('request', ({ row }) => row.id === story.requestId)
  expect(resumed.raw.join()).not.toContain(ahead.requestId)
  expect(resumed.frames.some(({ event }) => event === 'reset')).toBe(false)
  await test_.sql`delete from change_log where xid = '9000000000000'`
  await test_.sql`update change_feed_epoch set trimmed_xid = '0'`
})

test('text that looks like the protocol stays text', async () => {
  const stream = await follow()
  await stream.waitFor('hello')
  const story = newStory()
  const topic = 'x\r\nid: 9\ndata: {}\r\revent: bye\u2028\n\n'
  await tell(test_.sql, [created(story, { 'vividly.request.topic': topic })])
  const { row } = await stream.waitFor('request', ({ row }) => row.id === story.requestId)
  expect(row.topic).toBe(topic)
  expect(stream.raw.every((text) => text.split(/\r\n|\r|\n/).length <= 3)).toBe(true)
})

test('a listener that was cut resumes by Last-Event-ID, which wins over the cursor, and misses nothing', async () => {
  const before = await follow()
  await before.waitFor('hello')
  const stories = [newStory(), newStory(), newStory()]
  await tell(test_.sql, stories.slice(0, 1).map((story) => created(story)))
  await before.waitFor('request', ({ row }) => row.id === stories[0]?.requestId)
  before.cut()
  await before.ended
  await tell(test_.sql, stories.slice(1).map((story) => created(story)))

  const after = await follow('?cursor=nonsense', { lastEventId: before.lastEventId(), rows: before.rows })
  await after.waitFor('hello', ({ cursor }) => cursor === before.lastEventId())
  await after.waitFor('request', ({ row }) => row.id === stories[2]?.requestId)
  expect(after.frames.some(({ event }) => event === 'reset')).toBe(false)
  for (const story of stories) expect(after.rows.has(story.requestId)).toBe(true)
})

test('a snapshot’s cursor is where its stream goes on', async () => {
  const { stream_cursor: cursor } = requestList.parse(await (await replica.request('/requests')).json())
  const story = newStory()
  await tell(test_.sql, [created(story)])
  const stream = await follow(`?cursor=${cursor}`)
  await stream.waitFor('request', ({ row }) => row.id === story.requestId)
  expect(stream.frames.some(({ event }) => event === 'reset')).toBe(false)
})

test.each([
  ['forged', 'no_cursor'],
  ['%00%0d%0aid:1', 'no_cursor'],
  ['000000000000.1', 'epoch'],
  ['EPOCH.18446744073709551616', 'no_cursor'],
  ['EPOCH.18446744073709551615', 'epoch'],
  ['EPOCH.0', 'too_old'],
  ['x'.repeat(4_000), 'no_cursor'],
])('the cursor %.40s gets a reset: %s', async (cursor, reason) => {
  const [row] = await test_.sql`select epoch from change_feed_epoch`
  const stream = await follow(`?cursor=${cursor.replace('EPOCH', String(row?.['epoch']))}`)
  expect((await stream.waitFor('reset')).reason).toBe(reason)
})

test('a cursor whose changes were trimmed gets a reset', async () => {
  const { stream_cursor: cursor } = requestList.parse(await (await replica.request('/requests')).json())
  await tell(test_.sql, [created(newStory())])
  // A transaction that runs elsewhere on the server, as another test's may, holds the trimming up.
  await vi.waitFor(async () => {
    await test_.sql`select trim_change_log('0 seconds')`
    expect(await test_.sql`select from change_log`).toHaveLength(0)
  }, 4_000)
  const stream = await follow(`?cursor=${cursor}`)
  expect((await stream.waitFor('reset')).reason).toBe('too_old')
})

test.each(['tz=Mars/Olympus', 'status=x', 'organization=a&organization=b', 'sort=1'])('a stream refuses %s', async (query) => {
  expect((await fetch(`${replica.url}/stream?${query}`)).status).toBe(400)
})

test.each(['HEAD', 'POST', 'DELETE'])('a stream is not for %s', async (method) => {
  expect((await fetch(`${replica.url}/stream`, { method })).status).toBe(405)
})

test('streams are told goodbye and end, and the next replica takes them on', async () => {
  const leaving = await startMonitoring(test_.url)
  const stream = await follow('', {}, leaving)
  await stream.waitFor('hello')
  const story = newStory()
  await tell(test_.sql, [created(story)])
  await stream.waitFor('request', ({ row }) => row.id === story.requestId)
  const startedMs = performance.now()
  await leaving.close()
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  await stream.ended
  expect(stream.frames.at(-1)).toMatchObject({ event: 'bye', data: { reason: 'drain' } })
  const meanwhile = newStory()
  await tell(test_.sql, [created(meanwhile)])
  const next = await follow('', { lastEventId: stream.lastEventId() })
  await next.waitFor('request', ({ row }) => row.id === meanwhile.requestId)
})

test('many writers, some with transactions open for long: every listener ends with what a fresh list shows', async () => {
  const writers = 10
  const writes = postgres(test_.url, { max: writers + 2, onnotice: () => {} })
  const listeners = [await follow(), await follow()]
  for (const listener of listeners) await listener.waitFor('hello')
  const until = performance.now() + 3_000
  const acknowledged = new Set<string>()
  async function write(seed: number): Promise<void> {
    for (let turn = 0; performance.now() < until; turn += 1) {
      const story = newStory()
      await writes.begin(async (sql) => {
        // Takes its place in the order of transactions early, and commits late.
        if (turn % 3 === 0) await sql`select pg_current_xact_id()`
        const logs = exampleLogs(story, { 'user.id': `student-of-${seed}` })
        await tell(sql, logs.slice(0, 1 + ((seed + turn) % 9)))
        if (turn % 4 === seed % 4) await sql`select pg_sleep(${turn % 8 === seed % 8 ? 0.5 : 0.02})`
      })
      acknowledged.add(story.requestId)
      if (turn % 2 === 0) await tell(writes, [story.log('vividly.request.completed', 9)])
      await sleep(30)
    }
  }
  // One of the listeners is cut off again and again, and resumes.
  async function cutAndResume(): Promise<Followed> {
    let stream = await follow()
    await stream.waitFor('hello')
    const rows = stream.rows
    while (performance.now() < until) {
      await sleep(150)
      stream.cut()
      await stream.ended
      await sleep(100)
      stream = await follow('', { lastEventId: stream.lastEventId(), rows })
    }
    return stream
  }
  const [cutOff] = await Promise.all([cutAndResume(), ...Array.from({ length: writers }, (_, seed) => write(seed))])
  await writes.end()
  expect(acknowledged.size).toBeGreaterThan(20)

  const fresh = settled(new Map([...await listPages()].filter(([id]) => acknowledged.has(id))))
  expect(Object.keys(fresh)).toHaveLength(acknowledged.size)
  for (const listener of [...listeners, cutOff]) {
    await expect
      .poll(() => settled(new Map([...listener.rows].filter(([id]) => acknowledged.has(id)))), { timeout: 5_000 })
      .toEqual(fresh)
  }
})

async function listPages(): Promise<Map<string, RequestRow>> {
  const rows = new Map<string, RequestRow>()
  let cursor: string | null = ''
  do {
    const query = cursor === '' ? '' : `&cursor=${cursor}`
    const list = requestList.parse(await (await replica.request(`/requests?limit=200${query}`)).json())
    for (const row of list.items) rows.set(row.id, row)
    cursor = list.next_cursor
  } while (cursor !== null)
  return rows
}
