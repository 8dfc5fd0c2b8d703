import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN_BASE, personalReadList } from './adminContract.ts'
import { API_BASE } from './contract.ts'
import { apiOperations } from './http/apiOperations.ts'
import { createLogger } from './logger.ts'
import { createAccessToken } from './store/access/accessTokens.ts'
import type { Scope } from './store/access/Access.ts'
import { openDatabase } from './store/database.ts'
import type { Database } from './store/database.ts'
import { startTracker } from './startTracker.ts'
import type { Tracker } from './startTracker.ts'
import { beginStory, exampleLogs, tell } from './testing/tellStory.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

let postgres: TestDatabase
let database: Database
let tracker: Tracker
let tokens: Record<'reader' | 'nameless' | 'admin' | 'south', { id: string; secret: string }>
const story = beginStory(Date.now() - 90_000)

beforeAll(async () => {
  postgres = await createTestDatabase()
  database = openDatabase(postgres.url)
  const make = (organization: string, scopes: Scope[]) => createAccessToken(database.admin, { name: `of ${organization}`, organization, scopes, days: 1 })
  tokens = {
    reader: await make('north', ['read', 'read_personal']),
    nameless: await make('north', ['read']),
    admin: await make('north', ['admin']),
    south: await make('south', ['admin']),
  }
  await tell(postgres.sql, exampleLogs(story))
  tracker = await startTracker({
    host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: postgres.url, auth: 'tokens', logLevel: 'silent',
  }, createLogger('silent'))
})
afterAll(async () => {
  await tracker?.stop()
  await database?.close()
  await postgres?.drop()
})

const get = (path: string, who: keyof typeof tokens, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(tracker.url + path, { headers: { authorization: `Bearer ${tokens[who].secret}`, ...headers } })

const recorded = async (who: keyof typeof tokens) =>
  [...(await postgres.sql`select route, request_id, query, names, via from personal_reads where token_id = ${tokens[who].id} order by id`)]

/** What a caller hears of a call within half a second. */
async function heard(path: string, who: keyof typeof tokens): Promise<string> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), 500)
  let text = ''
  try {
    const response = await fetch(tracker.url + path, { signal: abort.signal, headers: { authorization: `Bearer ${tokens[who].secret}` } })
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
  return text
}

test('every call that gives a name is on record, of who may hear names only', async () => {
  const cursor = ((await (await get(`${API_BASE}/requests`, 'nameless')).json()) as { stream_cursor: string }).stream_cursor
  await tell(postgres.sql, [story.log('vividly.stage.heartbeat', 61_000, { 'vividly.stage.name': 'video_generation', 'vividly.stage.progress.ratio': 0.5 })])
  for (const { path } of apiOperations) {
    const target = API_BASE + path.replace('{id}', story.correlationId).replace('{name}', 'none') + (path === '/stream' ? `?cursor=${cursor}` : '')
    const before = (await recorded('reader')).length
    const text = await heard(target, 'reader')
    const rows = (await recorded('reader')).slice(before)
    expect([path, rows.length]).toEqual([path, text.includes('Jane Doe') ? 1 : 0])
    for (const row of rows) expect(row).toMatchObject({ route: path, via: 'token', request_id: path.includes('{id}') ? story.requestId : null })
    expect(await heard(target, 'nameless')).not.toContain('Jane')
  }
  expect(new Set((await recorded('reader')).map((row) => row['route'] as string))).toEqual(
    new Set(['/requests', '/requests.csv', '/requests/{id}', '/stream']),
  )
  expect(await recorded('nameless')).toEqual([])
})

test('an answer without data is no read', async () => {
  const path = `${API_BASE}/requests/${story.correlationId}`
  const etag = (await get(path, 'reader')).headers.get('etag') ?? ''
  const before = await recorded('reader')
  expect((await get(path, 'reader', { 'if-none-match': etag })).status).toBe(304)
  expect((await get(`${API_BASE}/requests/${beginStory(1_795_000_000_000).correlationId}`, 'reader')).status).toBe(404)
  expect((await get(`${API_BASE}/requests?q=nobody-like-that`, 'reader')).status).toBe(200)
  expect(await recorded('reader')).toEqual(before)
})

test('administrators list the reads of their own organization, page by page', async () => {
  await get(`${API_BASE}/requests?q=Jane&status=pending&status=generating_video`, 'reader')
  const list = async (query: string, who: keyof typeof tokens) =>
    personalReadList.strict().parse(await (await get(`${ADMIN_BASE}/personal-reads${query}`, who)).json())
  const { items, next_cursor: next } = await list('?limit=2', 'admin')
  expect(items[0]).toMatchObject({
    token_id: tokens.reader.id, token_name: 'of north', names: 1, query: { q: 'Jane', status: ['pending', 'generating_video'] },
  })
  const rest = await list(`?cursor=${next}&token=${tokens.reader.id}&to=2999-01-01T00:00:00Z&from=2020-01-01T00:00:00Z`, 'admin')
  expect(items.length + rest.items.length).toBe((await recorded('reader')).length)
  expect((await list('', 'south')).items).toEqual([])
  expect((await get(`${ADMIN_BASE}/personal-reads`, 'reader')).status).toBe(403)
})

test('an erasure takes out what was typed to find the student', async () => {
  await get(`${API_BASE}/requests?student=student-1`, 'reader')
  await fetch(`${tracker.url}${ADMIN_BASE}/erasures`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.admin.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ student_id: 'student-1' }),
  })
  const reads = await recorded('reader')
  expect(reads.length).toBeGreaterThan(3)
  expect(JSON.stringify(reads)).not.toMatch(/jane|student-1/i)
})

test('who can’t be put on record is told nothing', async () => {
  const other = beginStory(Date.now() - 1_000)
  await tell(postgres.sql, exampleLogs(other))
  await postgres.sql`alter table personal_reads add constraint full_disk check (false) not valid`
  const response = await get(`${API_BASE}/requests/${other.correlationId}`, 'reader')
  expect([response.status, await response.text()]).toEqual([503, expect.not.stringContaining('Jane')])
  expect((await get(`${API_BASE}/requests/${other.correlationId}`, 'nameless')).status).toBe(200)
  await postgres.sql`alter table personal_reads drop constraint full_disk`
})
