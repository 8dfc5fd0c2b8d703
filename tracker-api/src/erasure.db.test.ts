import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { API_BASE } from './contract.ts'
import { ADMIN_BASE, erasureAnswer, erasureList } from './adminContract.ts'
import { createLogger } from './logger.ts'
import { createAccessToken } from './store/access/accessTokens.ts'
import type { Scope } from './store/access/Access.ts'
import { openDatabase } from './store/database.ts'
import type { Database } from './store/database.ts'
import { eraseLate } from './store/maintain.ts'
import { startTracker } from './startTracker.ts'
import type { Tracker } from './startTracker.ts'
import { beginStory, exampleLogs, tell } from './testing/tellStory.ts'
import type { Story } from './testing/tellStory.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

const STUDENT = 'erased-student-7'
const NAME = 'Zoë Erased'
/** Stands in every place where a service may have put something of the student. */
const CANARY = 'erased-canary'

let postgres: TestDatabase
let database: Database
let tracker: Tracker
let secrets: Record<'admin' | 'reader' | 'all', string>

const whose = (organization: string, student = STUDENT, name = NAME) => ({
  'vividly.organization.id': organization, 'user.id': student, 'user.full_name': name, 'vividly.request.topic': `${CANARY} topic`,
})

async function tellAll(story: Story, who: ReturnType<typeof whose>): Promise<void> {
  const stage = { 'vividly.stage.name': 'video_generation' }
  await tell(postgres.sql, [
    ...exampleLogs(story, who),
    story.log('vividly.stage.failed', 70_000, { ...stage, 'exception.message': CANARY, 'exception.stacktrace': CANARY }, { message: CANARY }),
    story.log('vividly.api_call', 70_500, { prompt: CANARY, 'user.id': who['user.id'] }, { message: CANARY, uid: `uid-${story.requestId}` }),
    story.log('vividly.request.failed', 71_000, { 'exception.message': CANARY, 'vividly.request.script_text': CANARY }),
    story.log('vividly.stage.completed', 71_500, { 'vividly.stage.name': 'script_generation', 'vividly.stage.status': 'odd', note: CANARY }),
  ], [story.span('cd'.repeat(8), 0, 1_000, { note: CANARY }, { name: CANARY, status_message: CANARY })])
}

/** Tables in which one of the words still stands, in any column. */
async function tablesWith(...words: string[]): Promise<string[]> {
  const tables = await postgres.sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`
  const found: string[] = []
  for (const { name } of tables) {
    const [row] = await postgres.sql.unsafe<{ has: boolean }[]>(
      `select exists (select from ${name} t where t::text like any ($1)) as has`, [words.map((word) => `%${word}%`)],
    )
    if (row?.has) found.push(name)
  }
  return found
}

const call = (path: string, secret: string, body?: object): Promise<Response> =>
  fetch(tracker.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })

beforeAll(async () => {
  postgres = await createTestDatabase()
  database = openDatabase(postgres.url)
  const make = async (organization: string | undefined, scopes: Scope[]) =>
    (await createAccessToken(database.admin, { name: 'test', organization, scopes, days: 1 })).secret
  secrets = { admin: await make('north', ['admin']), reader: await make('north', ['read', 'read_personal', 'ingest']), all: await make(undefined, ['admin']) }
  tracker = await startTracker({
    host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: postgres.url, auth: 'tokens', logLevel: 'silent',
  }, createLogger('silent'))
})
afterAll(async () => {
  await tracker?.stop()
  await database?.close()
  await postgres?.drop()
})

test('what is known of a student leaves every table, listeners hear of it, and all else stays', { timeout: 60_000 }, async () => {
  const [own, older, namesake, classmate] = [60, 50, 40, 30].map((ago) => beginStory(Date.now() - ago * 1_500)) as [Story, Story, Story, Story]
  await tellAll(own, whose('north'))
  await tellAll(older, whose('north'))
  await tellAll(namesake, whose('south'))
  await tellAll(classmate, whose('north', 'student-8', 'Max Kept'))
  expect(await tablesWith(NAME)).not.toEqual([])
  expect((await tablesWith(CANARY)).length).toBeGreaterThan(4)
  const stream = await call(`${API_BASE}/stream`, secrets.reader)
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  const listening = (async () => {
    while (!(heard.includes(`"id":"${own.requestId}"`) && heard.includes(`"id":"${older.requestId}"`))) {
      const { value, done } = (await reader?.read()) ?? { done: true }
      if (done) break
      heard += value ?? ''
    }
  })()

  await postgres.sql`
    insert into slow_stages (quarter, request_id, stage_name, status, duration_seconds)
    values (now(), ${own.requestId}, 'validation', 'completed', 9)`
  const response = await call(`${ADMIN_BASE}/erasures`, secrets.admin, { student_id: STUDENT })
  expect(response.status).toBe(200)
  const answer = erasureAnswer.strict().parse(await response.json())
  expect(answer).toMatchObject({ organization_id: 'north', student_id: STUDENT, requests: 2, is_complete: true })
  await listening
  expect(heard.match(/event: remove/g)).toHaveLength(2)
  await reader?.cancel()

  for (const { requestId } of [own, older]) {
    expect((await call(`${API_BASE}/requests/${requestId}`, secrets.reader)).status).toBe(404)
    const spelled = await tablesWith(requestId, requestId.replaceAll('-', ''))
    // The number of a request that is gone says nothing of anyone.
    expect(spelled.filter((table) => !['erased_requests', 'change_log', 'ended_counts', 'ended_log'].includes(table))).toEqual([])
  }
  const kept = await postgres.sql`select student_id from students order by organization_id, student_id`
  expect(kept.map((row) => row['student_id'] as string)).toEqual(['student-8', STUDENT])
  for (const { requestId } of [namesake, classmate]) expect((await call(`${API_BASE}/requests/${requestId}`, secrets.all)).status).toBe(200)

  // The namesake's turn: then nothing of that ID and name is left but the record that they were erased.
  await call(`${ADMIN_BASE}/erasures`, secrets.all, { student_id: STUDENT, organization_id: 'south' })
  await call(`${ADMIN_BASE}/erasures`, secrets.admin, { student_id: 'student-8' })
  expect(await tablesWith(STUDENT, 'student-8')).toEqual(['erasures'])
  expect(await tablesWith(NAME, 'Max Kept', CANARY)).toEqual([])
})

test('what comes late is refused, or gone within a minute, and what is new is taken', async () => {
  const [told, unheard] = [beginStory(Date.now() - 80_000), beginStory(Date.now() - 70_000)] as [Story, Story]
  const who = whose('north', 'late-student', 'Late Name')
  await tellAll(told, who)
  await call(`${ADMIN_BASE}/erasures`, secrets.admin, { student_id: 'late-student' })
  await tellAll(told, who)
  const refused = await postgres.sql`select distinct reason, payload from dead_letters`
  expect([...refused]).toEqual([{ reason: 'erased', payload: null }])
  await tellAll(unheard, who)
  // A batch that was under way while the request was deleted.
  await postgres.sql`insert into request_events (request_id, id, event_type, created_at, event_data)
    values (${told.requestId}, gen_random_uuid(), 'api_call', now(), ${JSON.stringify({ note: CANARY })}::text::jsonb)`
  expect((await tablesWith('Late Name', CANARY)).length).toBeGreaterThan(3)
  // The tracker may be at it this moment; then a call does nothing.
  await expect.poll(() => eraseLate(database.admin).then(() => tablesWith('Late Name', CANARY))).toEqual([])

  const fresh = beginStory(Date.now() + 2_000)
  await tell(postgres.sql, [fresh.log('vividly.request.created', 0, who)])
  await eraseLate(database.admin)
  expect((await call(`${API_BASE}/requests/${fresh.requestId}`, secrets.reader)).status).toBe(200)
})

test('running trackers look for what comes late by themselves', { timeout: 60_000 }, async () => {
  const story = beginStory(Date.now() - 60_000)
  await call(`${ADMIN_BASE}/erasures`, secrets.admin, { student_id: 'later-student' })
  await tellAll(story, whose('north', 'later-student', 'Later Name'))
  await expect.poll(() => tablesWith('Later Name'), { timeout: 58_000, interval: 1_000 }).toEqual([])
})

test('only administrators erase, of their own organization, and what they did is on record', async () => {
  expect((await call(`${ADMIN_BASE}/erasures`, secrets.reader, { student_id: 's' })).status).toBe(403)
  expect((await call(`${ADMIN_BASE}/erasures`, secrets.reader)).status).toBe(403)
  expect((await call(`${ADMIN_BASE}/erasures`, secrets.admin, { student_id: 's', organization_id: 'south' })).status).toBe(403)
  expect((await call(`${ADMIN_BASE}/erasures`, secrets.all, { student_id: 's' })).status).toBe(400)
  expect((await call(`${ADMIN_BASE}/erasures`, secrets.all, { student_id: 's', organization_id: null })).status).toBe(200)
  const own = erasureList.strict().parse(await (await call(`${ADMIN_BASE}/erasures`, secrets.admin)).json())
  expect(new Set(own.items.map((item) => item.organization_id))).toEqual(new Set(['north']))
  expect(own.items.every((item) => item.requested_by.startsWith('token '))).toBe(true)
  await postgres.sql`select erase_late(now() + interval '36 days')`
  expect(await tablesWith('later-student')).toEqual([])
})

test('the command does the same, and says what it did', { timeout: 60_000 }, async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [main, 'erase', ...args], { env: { PATH: process.env['PATH'], DATABASE_URL: postgres.url } })
  await tellAll(beginStory(Date.now() - 60_000), whose('north', 'commanded'))
  const { stdout } = await run('--student', 'commanded', '--organization', 'north', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ requests: 1, is_complete: true, requested_by: expect.stringContaining('command line') })
  expect(await tablesWith('commanded')).toEqual(['erasures'])
  const listed = await run('--list', '--json')
  expect(JSON.parse(listed.stdout)).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ student_id: 'commanded', requests: 1 })]) as unknown })
  expect((await run('--help')).stdout).toContain('--without-organization')
  await expect(run('--student', 's')).rejects.toThrow('either --organization')
})
