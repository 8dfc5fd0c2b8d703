import { randomBytes } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from './app.ts'
import type { App, AppDeps } from './app.ts'
import { API_BASE } from './contract.ts'
import { adminRoutes } from './http/admin/adminRoutes.ts'
import { authorize } from './http/access/authorize.ts'
import { createLiveReads } from './http/createLiveReads.ts'
import { monitoringRoutes } from './http/monitoringRoutes.ts'
import { trackingRoutes } from './http/tracking/trackingRoutes.ts'
import { listen } from './listen.ts'
import type { Listening } from './listen.ts'
import { createChangeFeed } from './live/createChangeFeed.ts'
import type { FeedReads } from './live/FeedReads.ts'
import { drainStreams } from './live/openStream.ts'
import { createLogger } from './logger.ts'
import { createAccessToken } from './store/access/accessTokens.ts'
import { createReadRecorder } from './store/access/personalReads.ts'
import { createAccessReader } from './store/access/createAccessReader.ts'
import type { Scope } from './store/access/Access.ts'
import { openDatabase } from './store/database.ts'
import { findRoles } from './store/findRoles.ts'
import type { Database } from './store/database.ts'
import { recordSignals } from './store/recordSignals.ts'
import { createMetrics } from './telemetry/createMetrics.ts'
import { probesOf } from './testing/probes.ts'
import type { Probe } from './testing/probes.ts'
import { beginStory, exampleLogs, tell } from './testing/tellStory.ts'
import type { Story } from './testing/tellStory.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

/** What is of the south carries one of these, whatever field it stands in: each a word that nothing else says. */
const mark = `canary-${randomBytes(4).toString('hex')}`
const planted = {
  organization: `${mark}-organization`, student: `${mark}-student`, name: `${mark}-name`, email: `${mark}@south.example`,
  topic: `${mark}-topic`, script: `${mark}-script`, failure: `${mark}-failure`, output: `${mark}-output`, event: `${mark}-event`,
  span: `${mark}-span`, service: `${mark}-service`, stage: `${mark}-stage`, breaker: `${mark}-breaker`, pipeline: `${mark}-pipeline`,
}
const STREAM_MS = 700

let postgres: TestDatabase
let database: Database
let tracker: Listening
let stopFeed: () => void
let north: Story
let south: Story
let secrets: Record<'north' | 'east' | 'all', string>
let document: unknown
let cursors: { page: string; stream: string }

/** The south's part of the world, in every place that a signal has for a text. */
function southernLogs(story: Story): ReturnType<Story['log']>[] {
  const source = { service: planted.service, host: planted.service, instance: planted.service, message: planted.event }
  const stage = { 'vividly.stage.name': planted.stage }
  return [
    ...exampleLogs(story, {
      'vividly.organization.id': planted.organization, 'user.id': planted.student, 'user.full_name': planted.name,
      'vividly.request.topic': planted.topic, 'vividly.request.learning_objective': planted.topic, 'vividly.pipeline.name': planted.pipeline,
    }).map((log) => ({ ...log, ...source })),
    story.log('vividly.stage.completed', 61_000, { 'vividly.stage.name': 'video_generation', 'vividly.stage.output': { to: planted.email, text: planted.output } }, source),
    story.log('vividly.stage.started', 62_000, stage, source),
    story.log('vividly.stage.heartbeat', 62_500, { ...stage, 'vividly.stage.progress.message': planted.email }, source),
    story.log('vividly.stage.failed', 63_000, { ...stage, 'exception.message': planted.failure, 'error.type': planted.failure, 'exception.stacktrace': planted.failure }, source),
    story.log('vividly.circuit_breaker.state_changed', 1_000, { 'vividly.circuit_breaker.name': planted.breaker, 'vividly.circuit_breaker.state': 'open' }, source),
    story.log(planted.event, 64_000, { [planted.event]: planted.event }, source),
    story.log('vividly.request.failed', 70_000, { 'exception.message': planted.failure, 'vividly.request.script_text': planted.script }, source),
  ]
}

async function tellSouth(story: Story): Promise<void> {
  await tell(postgres.sql, southernLogs(story), [
    story.span('ab'.repeat(8), 0, 1_000, { note: planted.span }, { name: planted.span, status_message: planted.span, scope: planted.span }),
  ])
}

/** A replica whose deps a test may spoil. */
function appOf(changes: Partial<AppDeps> = {}, liveReads: FeedReads = createLiveReads(database.read)): { app: App; stop: () => void } {
  const feed = createChangeFeed(liveReads, { onError: () => {} })
  const log = createLogger('silent')
  const ingest = { recordSignals: (batch: Parameters<AppDeps['recordSignals']>[0]) => recordSignals(database, batch), metrics: createMetrics(), log }
  const app = createApp({
    ...ingest,
    pingDatabase: async () => {},
    isDraining: () => false,
    monitoring: monitoringRoutes({ read: database.callers, feed, liveReads, recordRead: createReadRecorder(database.admin) }),
    tracking: trackingRoutes({ ...ingest, read: database.callers }),
    admin: adminRoutes({ admin: database.admin }),
    pageFolder: '/nowhere',
    onLoopback: true,
    login: { findAccess: createAccessReader(database.admin), openSession: async () => '', closeSession: async () => {}, isSecure: false },
    ...changes,
  })
  return { app, stop: () => drainStreams(feed) }
}

beforeAll(async () => {
  postgres = await createTestDatabase()
  database = openDatabase(postgres.url, await findRoles(postgres.url))
  const make = async (organization: string | undefined, scopes: Scope[]): Promise<string> =>
    (await createAccessToken(database.admin, { name: 'probe', organization, scopes, days: 1 })).secret
  secrets = {
    north: await make('north', ['read', 'read_personal', 'ingest']),
    east: await make('east', ['admin']),
    all: await make(undefined, ['admin']),
  }
  const { app, stop } = appOf()
  stopFeed = stop
  tracker = await listen(app, '127.0.0.1', 0)
  north = beginStory(Date.now() - 90_000)
  south = beginStory(Date.now() - 80_000)
  await tell(postgres.sql, exampleLogs(north))
  const list = (await (await call({ path: `${API_BASE}/requests` }, secrets.all)).json()) as { stream_cursor: string }
  await tellSouth(south)
  const page = (await (await call({ path: `${API_BASE}/requests?limit=1` }, secrets.all)).json()) as { next_cursor: string }
  cursors = { page: page.next_cursor, stream: list.stream_cursor }
  document = await (await fetch(`${tracker.url}/api/v1/openapi.json`)).json()
})
afterAll(async () => {
  stopFeed?.()
  await tracker?.stop(100)
  await database?.close()
  await postgres?.drop()
})

const call = ({ method = 'GET', path, body }: { method?: string; path: string; body?: string | undefined }, secret?: string, signal?: AbortSignal): Promise<Response> =>
  fetch(tracker.url + path, {
    method,
    redirect: 'manual',
    signal: signal ?? null,
    headers: {
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      'last-event-id': cursors?.stream ?? '',
    },
    ...(body === undefined ? {} : { body }),
  })

function probes(): Probe[] {
  const ids = [south.correlationId, south.traceId, south.requestId]
  return probesOf(document, {
    path: { id: ids, name: [planted.breaker], stage: [planted.stage] },
    query: [planted.organization, planted.student, planted.topic, south.correlationId, cursors.page, cursors.stream, '%', "' or true --"],
    body: { id: south.correlationId, organization_id: planted.organization },
  })
}

/** Every byte of an answer: its headers, then its body. */
async function bytesOf(probe: Probe, secret: string | undefined, get: typeof call): Promise<string> {
  const abort = new AbortController()
  const response = await get(probe, secret, abort.signal)
  const head = JSON.stringify([response.status, ...response.headers])
  if (!probe.isStream || response.status !== 200) return head + (await response.text())
  let heard = ''
  const timer = setTimeout(() => abort.abort(), STREAM_MS)
  try {
    for await (const chunk of response.body ?? []) heard += Buffer.from(chunk).toString()
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
  return head + heard
}

/** A call that gave away something of the south, and what. What a probe itself says, in its path, is no secret to it. */
async function leaks(secret: string | undefined, tried: readonly Probe[], get: typeof call = call): Promise<string[]> {
  const foreign = [mark, south.correlationId, south.traceId, south.requestId, south.traceId.slice(16)]
  const found: string[] = []
  const batches = Array.from({ length: Math.ceil(tried.length / 16) }, (_, i) => tried.slice(i * 16, i * 16 + 16))
  for (const batch of batches) {
    const heard = await Promise.all(batch.map(async (probe) => ({ probe, bytes: await bytesOf(probe, secret, get) })))
    for (const { probe, bytes } of heard) {
      const given = foreign.filter((word) => bytes.includes(word))
      if (given.length > 0) found.push(`${probe.method} ${probe.path} gave ${given.join(', ')}`)
    }
  }
  return found
}

const stateOfSouth = async (): Promise<unknown> =>
  postgres.sql`select to_jsonb(r) as request, (select jsonb_agg(to_jsonb(s) order by s.stage_name) from request_stages s where s.request_id = r.id) as stages,
    (select count(*) from request_events e where e.request_id = r.id) as events from content_requests r where id = ${south.requestId}`

test('there is something to find, and the probes find it where they may', async () => {
  const seen = await leaks(secrets.all, probes().filter(({ method, path }) => method === 'GET' && !path.includes('?')))
  for (const path of ['/requests', '/requests.csv', '/circuit-breakers', '/stream', `/requests/${south.correlationId}/spans`, `/requests/${south.correlationId}/events`]) {
    expect(seen.some((one) => one.startsWith(`GET ${API_BASE}${path} `))).toBe(true)
  }
  const detail = await (await call({ path: `${API_BASE}/requests/${south.requestId}` }, secrets.all)).text()
  const events = await (await call({ path: `${API_BASE}/requests/${south.requestId}/events` }, secrets.all)).text()
  const spans = await (await call({ path: `${API_BASE}/requests/${south.requestId}/spans` }, secrets.all)).text()
  const breakers = await (await call({ path: `${API_BASE}/circuit-breakers` }, secrets.all)).text()
  for (const word of Object.values(planted)) expect(detail + events + spans + breakers).toContain(word)
})

test('no call of the document gives one organization a byte of another, nor changes it', { timeout: 120_000 }, async () => {
  const before = await stateOfSouth()
  const all = probes()
  expect(all.length).toBeGreaterThan(1_000)
  expect(await leaks(secrets.north, all)).toEqual([])
  expect(await leaks(secrets.east, all.filter(({ path }) => !path.includes('?')))).toEqual([])
  for (const nobody of [undefined, 'nonsense']) expect(await leaks(nobody, all.filter(({ path }) => !path.includes('?')))).toEqual([])
  expect(await stateOfSouth()).toEqual(before)
})

test('no stream tells of another organization while that is at work', async () => {
  const streams = probes().filter(({ isStream }) => isStream)
  const listening = leaks(secrets.north, streams)
  for (let i = 0; i < 5; i++) {
    const later = beginStory(Date.now() - 5_000)
    await tellSouth(later)
    await tell(postgres.sql, [north.log('vividly.stage.heartbeat', 60_001 + i, { 'vividly.stage.name': 'video_generation' })])
  }
  expect(await listening).toEqual([])
})

test('what the south does moves no figure of the north', async () => {
  const figures = async (): Promise<unknown> => {
    await postgres.sql`select refresh_request_metrics()`
    const span = `from=${new Date(Date.now() - 3_600_000 * 5).toISOString().slice(0, 13)}:00:00Z&to=${new Date(Date.now() + 3_600_000).toISOString().slice(0, 13)}:00:00Z`
    const paths = ['/dashboard', `/metrics?${span}`, `/trends?${span}`, `/outliers?${span}`, '/requests.csv']
    return Promise.all(
      paths.map(async (path) => {
        const answer = await call({ path: API_BASE + path }, secrets.north)
        return [path, answer.status, (await answer.text()).replaceAll(/"stream_cursor" ?: ?"[^"]*"/g, '').replaceAll(/\d+\.\d+/g, 'n')]
      }),
    )
  }
  const before = await figures()
  expect((before as [string, number][]).map(([path, status]) => [path.split('?')[0], status])).toEqual(['/dashboard', '/metrics', '/trends', '/outliers', '/requests.csv'].map((path) => [path, 200]))
  for (let i = 0; i < 3; i++) await tellSouth(beginStory(Date.now() - 5_000))
  expect(await figures()).toEqual(before)
})

test('with every filter of the API forgotten the database still gives no foreign row', { timeout: 60_000 }, async () => {
  const liveReads = createLiveReads(database.read)
  const feed = createChangeFeed(liveReads, { onError: () => {} })
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(authorize(createAccessReader(database.admin), false))
  app.route(API_BASE, monitoringRoutes({ read: database.callers, feed, liveReads }))
  app.onError((_, c) => c.body(null, 500))
  const get = (secret: string): typeof call => async ({ path }) => app.request(path, { headers: { authorization: `Bearer ${secret}` } })
  const reading = probes().filter(({ method, path, isStream }) => method === 'GET' && !isStream && path.startsWith(API_BASE))
  expect(await leaks(secrets.north, reading, get(secrets.north))).toEqual([])
  expect((await leaks(secrets.all, reading, get(secrets.all))).length).toBeGreaterThan(30)
  drainStreams(feed)
})

test('a planted route that forgets the filter is caught', async () => {
  const monitoring = new Hono<{ Bindings: HttpBindings }>()
  monitoring.get('/requests', async (c) => c.json(await postgres.sql<{ topic: string }[]>`select topic from content_requests`))
  monitoring.get('/dashboard', (c) => c.json({}, 200, { 'x-latest': south.requestId }))
  const { app, stop } = appOf({ monitoring })
  const leaky: typeof call = async (probe, secret) => app.request(probe.path, { headers: { authorization: `Bearer ${secret}` } })
  const found = await leaks(secrets.north, probes().filter(({ path }) => /\/(requests|dashboard)$/.test(path)), leaky)
  stop()
  expect(found).toEqual([expect.stringContaining('/requests gave'), expect.stringContaining('/dashboard gave')])
})

test('a planted query that gives the stream a foreign row under a wrong name is caught', async () => {
  const reads = createLiveReads(database.read)
  const spoiled: FeedReads = {
    ...reads,
    missed: async (...position) => {
      const missed = await reads.missed(...position)
      if (!('requests' in missed)) return missed
      return { ...missed, requests: missed.requests.map((change) => ({ ...change, row: change.row && { ...change.row, organization_id: 'north' } })) }
    },
  }
  const { app, stop } = appOf({}, spoiled)
  const leaky = await listen(app, '127.0.0.1', 0)
  const get: typeof call = ({ path }, secret, signal) =>
    fetch(leaky.url + path, { signal: signal ?? null, headers: { authorization: `Bearer ${secret}`, 'last-event-id': cursors.stream } })
  const found = await leaks(secrets.north, [{ method: 'GET', path: `${API_BASE}/stream`, isStream: true }], get)
  stop()
  await leaky.stop(100)
  expect(found).toEqual([expect.stringContaining(mark)])
})
