import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem, requestDetail, requestList } from '../contract.ts'
import type { RequestList } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import type { Story } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let app: Monitoring
const startMs = Date.now() - 3_600_000
const running = beginStory(startMs)
const failed = beginStory(startMs + 1_000)
const wild = beginStory(startMs + 2_000)

beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  const { sql } = test_
  await tell(sql, exampleLogs(running))
  await tell(sql, [
    ...exampleLogs(failed, { 'vividly.organization.id': 'south', 'user.id': '=x_y', 'user.full_name': 'Li 100%' }),
    failed.log('vividly.stage.failed', 70_000, { 'vividly.stage.name': 'video_generation', 'exception.message': 'quota' }),
    failed.log('vividly.request.failed', 71_000, { 'vividly.stage.name': 'video_generation', 'exception.message': 'quota' }),
  ])
  await tell(sql, [wild.log('vividly.request.created', 0, { 'vividly.request.topic': String.raw`50%_\ of (a+)+$` })])
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

async function list(query: Record<string, string> | string): Promise<RequestList> {
  const response = await app.request(`/requests?${new URLSearchParams(query)}`)
  expect(response.status).toBe(200)
  return requestList.parse(await response.json())
}
const idsOf = ({ items }: RequestList) => items.map((row) => row.correlation_id)

test('the documented example is 66 % done, in every spelling of its ID the same body', async () => {
  const bodies = []
  for (const spelling of [running.correlationId, running.traceId, running.requestId, running.requestId.toUpperCase()]) {
    const response = await app.request(`/requests/${spelling}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const detail = requestDetail.parse(await response.json())
    expect(detail.elapsed_seconds).toBeGreaterThan(3_000)
    // The clock's, and the oldest transaction of the whole server, which another file's database moves.
    const { elapsed_seconds: _elapsed, time_progress_ratio: _ratio, stream_cursor: cursor, ...rest } = detail
    expect(cursor).toMatch(/^[0-9a-f]{12}\.\d+$/)
    bodies.push(rest)
  }
  for (const body of bodies) expect(body).toEqual(bodies[0])
  expect(bodies[0]).toMatchObject({
    correlation_id: running.correlationId,
    topic: 'Photosynthesis in Plants',
    student_name: 'Jane Doe',
    status: 'generating_video',
    current_stage: 'video_generation',
    progress_percentage: 66,
    created_at: new Date(startMs).toISOString(),
    started_at: new Date(startMs + 2_000).toISOString(),
    warnings: [],
    stages: [
      { name: 'validation', order: 1, status: 'completed', duration_seconds: 1.2, error_message: null },
      { name: 'rag_retrieval', status: 'completed', duration_seconds: 8.5, output_data: { chunks: 5 } },
      { name: 'script_generation', status: 'completed', duration_seconds: 28.3 },
      { name: 'video_generation', status: 'in_progress', duration_seconds: null, progress_ratio: 0.4, progress_message: 'rendering scene 2 of 5' },
      { name: 'video_processing', status: 'pending', expected_duration_seconds: 20, max_retries: 3 },
      { name: 'notification', order: 6, status: 'pending', started_at: null },
    ],
  })
})

test.each<[string, Record<string, string> | string, () => Story[]]>([
  ['nothing', {}, () => [wild, failed, running]],
  ['a status', { status: 'generating_video' }, () => [running]],
  ['statuses', 'status=failed&status=pending', () => [wild, failed]],
  ['failed ones', { status: 'failed' }, () => [failed]],
  ['an organization', { organization: 'south' }, () => [failed]],
  ['a student', { student: 'student-1' }, () => [running]],
  ['the stage of both the running and the failed', { stage: 'video_generation' }, () => [failed, running]],
  ['a part of a topic, in any case', { q: 'photoSYNTHESIS' }, () => [failed, running]],
  ['a part of a name', { q: 'jane' }, () => [running]],
  ['a correlation ID', { q: ` ${running.correlationId} ` }, () => [running]],
  ['a trace ID in upper case', { q: running.traceId.toUpperCase() }, () => [running]],
  ['the end of a correlation ID', { q: running.correlationId.slice(-12) }, () => [running]],
  ['a percent sign, literally', { q: '0%' }, () => [wild, failed]],
  ['an underscore, literally', { q: 'x_y' }, () => [failed]],
  ['wildcards that match nothing literally', { q: '%%%%_' }, () => []],
  ['a backslash', { q: '\\' }, () => [wild]],
  ['a regular expression, literally', { q: '(a+)+$' }, () => [wild]],
  ['a span of time', { from: new Date(startMs + 1).toISOString(), to: new Date(startMs + 2_000).toISOString() }, () => [failed]],
])('a list is narrowed by %s', async (_, query, expected) => {
  expect(idsOf(await list(query))).toEqual(expected().map((story) => story.correlationId))
})

test('a row says what the detail says', async () => {
  const { items } = await list({ q: failed.correlationId })
  expect(items[0]).toMatchObject({
    status: 'failed',
    error_message: 'quota',
    error_stage: 'video_generation',
    failed_at: new Date(failed.startMs + 71_000).toISOString(),
    total_duration_seconds: 71,
    elapsed_seconds: 71,
  })
  expect(items[0]?.stages.map((stage) => stage.status)).toEqual(
    ['completed', 'completed', 'completed', 'failed', 'pending', 'pending'],
  )
})

test('pages show every request once although others arrive meanwhile', async () => {
  const paged = Array.from({ length: 7 }, (_, i) => beginStory(startMs - 60_000 + Math.floor(i / 3)))
  const created = (story: Story) => story.log('vividly.request.created', 0, { 'user.id': 'paged' })
  await tell(test_.sql, paged.map(created))
  const seen: string[] = []
  let cursor: string | null | undefined
  do {
    const page = await list({ student: 'paged', limit: '2', ...(cursor ? { cursor } : {}) })
    seen.push(...idsOf(page))
    cursor = page.next_cursor
    await tell(test_.sql, [created(beginStory(startMs + 60_000))])
  } while (cursor)
  const expected = paged.toSorted((a, b) => b.startMs - a.startMs || (a.requestId < b.requestId ? 1 : -1))
  expect(seen).toEqual(expected.map((story) => story.correlationId))
})

test('stages outside the definitions are shown last, with a warning', async () => {
  const story = beginStory(startMs - 10_000)
  const stage = { 'vividly.stage.name': 'dubbing' }
  await tell(test_.sql, [story.log('vividly.stage.started', 9, stage), story.log('vividly.stage.completed', 3, stage)])
  const detail = requestDetail.parse(await (await app.request(`/requests/${story.correlationId}`)).json())
  expect(detail.stages.at(-1)).toMatchObject({ name: 'dubbing', status: 'completed', duration_seconds: null })
  expect(detail.warnings.map(({ code }) => code)).toEqual(['unknown_stage'])
})

test.each([
  'limit=-1', 'limit=0', 'limit=201', 'limit=1e9', 'limit=NaN', 'limit=0x10', 'limit=1&limit=2', 'limit=99999999999999999999',
  'sort=name;drop%20table', 'status=nonsense', 'status=failed;', 'a[b]=1', '__proto__=1', 'constructor=1',
  'cursor=forged', 'cursor=%00', 'cursor=bnVsbA', `cursor=${Buffer.from('[1e400,"x"]').toString('base64url')}`,
  'from=yesterday', 'from=2026-13-01T00:00:00Z', 'to=1', 'q=%00', `q=${'x'.repeat(201)}`,
  'organization=%00',
])('a list refuses %s', async (query) => {
  const response = await app.request(`/requests?${query}`)
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(problem.parse(await response.json()).detail).not.toContain('drop')
})

test.each(['from=0000-01-01T00:00:00Z', 'to=9999-12-31T23:59:59Z', 'status=&q=&cursor=', 'q=%FF%FE', 'q=%ED%A0%80', 'student=%27%3B--'])(
  'a list bears %s',
  async (query) => {
    expect((await app.request(`/requests?${query}`)).status).toBe(200)
  },
)

test.each(['nonsense', '%00', '..%2f', 'vvd_1_1', '0'.repeat(32), `vvd_${startMs}_ffffffff`, 'x'.repeat(37), '550e8400-e29b-41d4-a716-446655440000'])(
  'there is no request %s',
  async (id) => {
    const response = await app.request(`/requests/${id}`)
    expect(response.status).toBe(404)
    problem.parse(await response.json())
  },
)
