import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { API_BASE } from './contract.ts'
import { createLogger } from './logger.ts'
import { openDatabase } from './store/database.ts'
import type { Database } from './store/database.ts'
import { createAccessToken, revokeAccessToken } from './store/access/accessTokens.ts'
import type { Scope } from './store/access/Access.ts'
import { startTracker } from './startTracker.ts'
import type { Tracker } from './startTracker.ts'
import { beginStory, exampleLogs, tell } from './testing/tellStory.ts'
import type { Story } from './testing/tellStory.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

const log = createLogger('silent')
/** In whatever north may hear this word must not stand. */
const CANARY = 'southern-canary'

let postgres: TestDatabase
let database: Database
let tracker: Tracker
let config: Config
let startedWithoutToken: string[]
let [north, south]: Story[] = []
let secrets: Record<'north' | 'nameless' | 'sender' | 'all', string>

async function makeToken(organization: string | undefined, scopes: Scope[]): Promise<string> {
  return (await createAccessToken(database.admin, { name: 'test', organization, scopes, days: 1 })).secret
}

beforeAll(async () => {
  postgres = await createTestDatabase()
  database = openDatabase(postgres.url)
  config = {
    host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: postgres.url, auth: 'tokens', logLevel: 'silent',
  }
  startedWithoutToken = []
  for (const changes of [{}, { host: '0.0.0.0', auth: undefined }]) {
    startedWithoutToken.push(await startTracker({ ...config, ...changes }, log).then(() => 'started', String))
  }
  secrets = {
    north: await makeToken('north', ['read', 'read_personal']),
    nameless: await makeToken('north', ['read']),
    sender: await makeToken('north', ['ingest']),
    all: await makeToken(undefined, ['admin']),
  }
  north = beginStory(Date.now() - 90_000)
  south = beginStory(Date.now() - 80_000)
  await tell(postgres.sql, exampleLogs(north))
  await tell(postgres.sql, [
    ...exampleLogs(south, {
      'vividly.organization.id': CANARY, 'user.full_name': CANARY, 'user.id': CANARY, 'vividly.request.topic': CANARY,
    }),
    south.log('vividly.circuit_breaker.state_changed', 1_000, {
      'vividly.circuit_breaker.name': CANARY, 'vividly.circuit_breaker.state': 'open',
    }),
    south.log(CANARY, 1_500, { note: CANARY }),
  ], [south.span('ab'.repeat(8), 0, 1_000, { note: CANARY }, { name: CANARY })])
  tracker = await startTracker(config, log)
})
afterAll(async () => {
  await tracker?.stop()
  await database.close()
  await postgres.drop()
})

const call = (path: string, secret?: string, init: RequestInit = {}): Promise<Response> =>
  fetch(tracker.url + path, {
    redirect: 'manual',
    ...init,
    headers: { ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }), ...(init.headers as Record<string, string>) },
  })

test('a tracker that nobody may call does not start, at no address, and says what to do', () => {
  expect(startedWithoutToken).toEqual(Array.from({ length: 2 }, () => expect.stringContaining('tokens create')))
})

test('a reader of one organization is answered about that one', async () => {
  const own = await call(`${API_BASE}/requests/${north?.correlationId}`, secrets.north)
  expect([own.status, await own.json()]).toMatchObject([200, { organization_id: 'north', student_name: 'Jane Doe' }])
  const foreign = await call(`${API_BASE}/requests/${south?.correlationId}`, secrets.north)
  expect(foreign.status).toBe(404)
  expect((await call(`${API_BASE}/requests?organization=${CANARY}`, secrets.north)).status).toBe(403)
  const figures = await call(`${API_BASE}/dashboard`, secrets.north)
  expect(await figures.json()).toMatchObject({ active: 1 })
})

test('without the scope for it nobody hears a name, nor finds by one', async () => {
  const paths = [`/requests/${north?.correlationId}`, '/requests', '/requests.csv'].map((path) => API_BASE + path)
  for (const path of paths) {
    expect(await (await call(path, secrets.north)).text()).toContain('Jane Doe')
    expect(await (await call(path, secrets.nameless)).text()).not.toContain('Jane')
  }
  const found = await call(`${API_BASE}/requests?q=Jane`, secrets.nameless)
  expect(await found.json()).toMatchObject({ items: [] })
})

test('each call demands its scope, and says so', async () => {
  for (const path of [`${API_BASE}/requests`, '/metrics', '/v1/logs', '/nowhere']) {
    const response = await call(path)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="vividly"'])
  }
  expect((await call(`${API_BASE}/requests`, 'nonsense')).headers.get('www-authenticate')).toContain('invalid_token')
  expect((await call(`${API_BASE}/requests`, secrets.sender)).status).toBe(403)
  expect((await call('/v1/logs', secrets.north, { method: 'POST' })).status).toBe(403)
  expect((await call('/metrics', secrets.north)).status).toBe(403)
  expect((await call('/metrics', secrets.all)).status).toBe(200)
  for (const path of ['/healthz', '/readyz', '/api/v1/openapi.json', '/login']) expect((await call(path)).status).toBe(200)
})

test('a sender writes its own organization only', async () => {
  const fresh = beginStory(Date.now() - 1_000)
  const record = (story: Story | undefined, organization?: string) => ({
    traceId: story?.traceId,
    timeUnixNano: `${Date.now()}000000`,
    eventName: 'vividly.stage.started',
    attributes: Object.entries({ 'vividly.stage.name': 'validation', ...(organization && { 'vividly.organization.id': organization }) })
      .map(([key, stringValue]) => ({ key, value: { stringValue } })),
  })
  const logRecords = [record(fresh), record(south), record(fresh, CANARY), record(north)]
  const response = await call('/v1/logs', secrets.sender, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
  })
  expect(await response.json()).toMatchObject({ partialSuccess: { rejectedLogRecords: '2' } })
  const reasons = await postgres.sql`select reason from dead_letters order by reason`
  expect(reasons.map(({ reason }) => reason as string)).toEqual(['foreign_request', 'org_mismatch'])
  const own = await call(`${API_BASE}/requests/${fresh.correlationId}`, secrets.north)
  expect(await own.json()).toMatchObject({ organization_id: 'north' })
})

test('the stream and its replay tell of one organization only, and end with the token', { timeout: 20_000 }, async () => {
  const { id, secret } = await createAccessToken(database.admin, { name: 'page', organization: 'north', scopes: ['read'], days: 1 })
  const list = await call(`${API_BASE}/requests`, secret)
  const { stream_cursor: cursor } = (await list.json()) as { stream_cursor: string }
  await tell(postgres.sql, [south, north].flatMap((story) => (story ? [story.log('vividly.request.failed', 70_000, { note: CANARY })] : [])))
  const stream = await call(`${API_BASE}/stream`, secret, { headers: { 'last-event-id': cursor } })
  expect(stream.status).toBe(200)
  const later = beginStory(Date.now() - 500)
  await tell(postgres.sql, exampleLogs(later, { 'vividly.organization.id': CANARY }))
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await revokeAccessToken(database.admin, id)
  const heard = await stream.text()
  expect(heard).toContain(`"correlation_id":"${north?.correlationId}"`)
  expect(heard).not.toContain(CANARY)
  expect(heard).not.toContain(later.requestId)
  expect(heard).not.toContain('Jane')
})

test('a person gets a session for a token, which only reads', async () => {
  const page = await call('/monitoring/dashboard', undefined, { headers: { accept: 'text/html' } })
  expect([page.status, page.headers.get('location')]).toEqual([303, '/login'])
  const form = (token: string, origin: string) =>
    call('/login', undefined, { method: 'POST', body: new URLSearchParams({ token }), headers: { origin } })
  expect((await form(secrets.north, 'https://evil.example')).status).toBe(403)
  expect((await form('nonsense', tracker.url)).status).toBe(401)
  expect((await form(secrets.sender, tracker.url)).status).toBe(401)
  const entered = await form(secrets.north, tracker.url)
  const cookie = entered.headers.get('set-cookie') ?? ''
  expect([entered.status, cookie]).toEqual([303, expect.stringMatching(/^vividly_session=vvds_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)])
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  expect((await call(`${API_BASE}/requests`, undefined, { headers })).status).toBe(200)
  expect((await call('/v1/logs', undefined, { method: 'POST', headers })).status).toBe(403)
  const stream = await call(`${API_BASE}/stream`, undefined, { headers })
  expect(stream.status).toBe(200)
  await stream.body?.cancel()
  expect((await call('/logout', undefined, { method: 'POST', headers: { ...headers, origin: tracker.url } })).status).toBe(303)
})

test('plain JSON writes nothing into a request of another organization either', async () => {
  const write = (path: string, body: object) =>
    call(`/api/v1/tracking/requests${path}`, secrets.sender, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const state = () => postgres.sql`select version, status from content_requests where id = ${south?.requestId ?? ''}`
  const before = await state()
  expect((await write(`/${south?.correlationId}/complete`, {})).status).toBe(403)
  expect((await write(`/${south?.correlationId}/stages/validation/start`, {})).status).toBe(403)
  expect((await write('', { student_id: 's', topic: 't', organization_id: CANARY })).status).toBe(403)
  expect((await write('', { student_id: 's', topic: 't' })).status).toBe(201)
  expect(await state()).toEqual(before)
  expect((await call('/api/v1/tracking/requests', secrets.north, { method: 'POST' })).status).toBe(403)
})

test('behind https the cookie is bound to this host and goes no other way', async () => {
  const secure = await startTracker({ ...config, publicUrl: 'https://tracker.example' }, log)
  const entered = await fetch(`${secure.url}/login`, {
    method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: secrets.north }), headers: { 'sec-fetch-site': 'same-origin' },
  })
  await secure.stop()
  expect(entered.headers.get('set-cookie')).toMatch(/^__Host-vividly_session=vvds_[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
})
