import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTracker, newCorrelationId, startInstrumentation } from '@vividly/instrumentation'
import type { RunningInstrumentation, TrackedStage } from '@vividly/instrumentation'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'

let database: TestDatabase
let tracker: TrackerProcess
let instrumentation: RunningInstrumentation
beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = tracker.url
  instrumentation = startInstrumentation({ serviceName: 'worker' })
})
afterAll(async () => {
  await instrumentation?.shutdown()
  await tracker?.stop()
  await database?.drop()
})

/** The same thing said twice: as the SDK has it, and as a call of the façade below its request. */
type Step = { sdk: (told: Told) => void; path: string; body?: object }
type Told = { id: string; tracker: RequestTracker; stages: Map<string, TrackedStage> }

const failure = new RangeError('no voice named “Zoë”')
const toldFailure = { type: failure.name, message: failure.message, stacktrace: failure.stack }
const data = { tokens: 12, ratio: 0.25, tags: ['a', null, { deep: true }], nothing: null }
const output = { chunks: [1, 'two'], cost: { usd: 0.5 } }

const stage = (told: Told, name: string): TrackedStage => {
  const open = told.stages.get(name)
  if (open === undefined) throw new Error(`${name} was not started`)
  return open
}
const start = (name: 'validation' | 'rag_retrieval' | 'script_generation'): Step => ({
  sdk: (told) => told.stages.set(name, told.tracker.trackStage(told.id, name, { maxAttempts: 3 })),
  path: `/stages/${name}/start`,
  body: { max_attempts: 3 },
})
const complete = (name: string, value?: unknown): Step => ({
  sdk: (told) => stage(told, name).complete(value),
  path: `/stages/${name}/complete`,
  body: { output: value, max_attempts: 3 },
})

const working: Step[] = [
  { sdk: ({ tracker: of, id }) => of.startRequest(id), path: '/start' },
  start('validation'),
  { sdk: (told) => stage(told, 'validation').progress(0.5, 'half way'), path: '/stages/validation/progress', body: { ratio: 0.5, message: 'half way', max_attempts: 3 } },
  { sdk: (told) => stage(told, 'validation').log('api_call', { message: 'asked', severity: 'warning', data }), path: '/events', body: { type: 'api_call', message: 'asked', severity: 'warning', stage: 'validation', data } },
  complete('validation', output),
  { sdk: ({ tracker: of, id }) => of.logEvent(id, 'billing.charged', { data: { cents: 3 } }), path: '/events', body: { type: 'billing.charged', data: { cents: 3 } } },
  start('rag_retrieval'),
  { sdk: (told) => stage(told, 'rag_retrieval').retry({ delayMs: 5, reason: 'busy', error: failure }), path: '/stages/rag_retrieval/retry', body: { delay_ms: 5, reason: 'busy', error: toldFailure, max_attempts: 3 } },
  { sdk: (told) => stage(told, 'rag_retrieval').startAttempt(), path: '/stages/rag_retrieval/start', body: { max_attempts: 3 } },
  { sdk: (told) => stage(told, 'rag_retrieval').retry({ delayMs: 5, reason: 'busy again' }), path: '/stages/rag_retrieval/retry', body: { delay_ms: 5, reason: 'busy again', max_attempts: 3 } },
]
const endings: Record<string, Step[]> = {
  completed: [
    complete('rag_retrieval'),
    start('script_generation'),
    { sdk: (told) => stage(told, 'script_generation').skip('cached'), path: '/stages/script_generation/skip', body: { reason: 'cached', max_attempts: 3 } },
    { sdk: ({ tracker: of, id }) => of.completeRequest(id, { videoUrl: 'https://cdn.example/v', scriptText: 'Once' }), path: '/complete', body: { video_url: 'https://cdn.example/v', script_text: 'Once' } },
  ],
  failed: [
    { sdk: (told) => stage(told, 'rag_retrieval').startAttempt(), path: '/stages/rag_retrieval/start', body: { max_attempts: 3 } },
    { sdk: (told) => stage(told, 'rag_retrieval').fail(failure), path: '/stages/rag_retrieval/fail', body: { error: toldFailure, max_attempts: 3 } },
    { sdk: ({ tracker: of, id }) => of.failRequest(id, failure, { stage: 'rag_retrieval' }), path: '/fail', body: { error: toldFailure, stage: 'rag_retrieval' } },
  ],
  cancelled: [{ sdk: ({ tracker: of, id }) => of.cancelRequest(id, 'left'), path: '/cancel', body: { reason: 'left' } }],
}

async function tellBySdk(steps: readonly Step[]): Promise<string> {
  const { correlationId: id } = new RequestTracker().createRequest({
    studentId: 'student-1', studentName: 'Jane Doe', organizationId: 'north', topic: 'Photosynthesis', learningObjective: 'Leaves',
  })
  const told: Told = { id, tracker: new RequestTracker(), stages: new Map() }
  for (const { sdk } of steps) sdk(told)
  await instrumentation.flush()
  return id
}

async function tellByFacade(steps: readonly Step[]): Promise<string> {
  const teller = { service: 'worker', host: hostname() }
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${tracker.url}/api/v1/tracking/requests${path}`, { method: 'POST', headers, body: JSON.stringify({ ...teller, ...body }) })
    expect([path, response.ok]).toEqual([path, true])
    return response.json()
  }
  const { correlation_id: id } = (await post('', {
    student_id: 'student-1', student_name: 'Jane Doe', organization_id: 'north', topic: 'Photosynthesis', learning_objective: 'Leaves',
  })) as { correlation_id: string }
  for (const { path, body = {} } of steps) await post(`/${id}${path}`, body)
  return id
}

type Row = Record<string, unknown>
const own = new Set(['id', 'correlation_id', 'trace_id', 'version', 'stream_cursor', 'elapsed_seconds', 'uid'])
const ofTime = /_at$|duration|_end$|time_|^is_late$|event_loop_lag|conversation_id/

/** Without what is of this one telling: its IDs and its times, of which it is kept that there are some. */
function alike(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(alike)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !own.has(key))
      .filter(([key]) => !key.includes('event_loop_lag'))
      .map(([key, item]) => [key, ofTime.test(key) && typeof item !== 'object' ? item !== null && 'known' : alike(item)]),
  )
}

async function historyOf(id: string): Promise<unknown> {
  const get = async (path: string): Promise<Row> => (await (await fetch(`${tracker.url}/api/v1/monitoring/requests/${id}${path}`)).json()) as Row
  const detail = await get('')
  const { items: events } = (await get('/events')) as { items: Row[] }
  const { items: spans } = (await get('/spans')) as { items: Row[] }
  const nameOf = (spanId: unknown): unknown => spans.find((span) => span['span_id'] === spanId)?.['name'] ?? (spanId === null ? null : 'root')
  const tree = spans.map((span) => ({ ...(alike(span) as Row), span_id: '', parent_span_id: nameOf(span['parent_span_id']) }))
  return { detail: alike(detail), events: alike(events), spans: tree.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) }
}

test.each(Object.keys(endings))('a %s request told by the façade is what the SDK tells', async (ending) => {
  const steps = [...working, ...(endings[ending] ?? [])]
  const [bySdk, byFacade] = [await tellBySdk(steps), await tellByFacade(steps)]
  await expect.poll(async () => ((await historyOf(bySdk)) as { detail: Row }).detail['status'], { timeout: 10_000 }).toBe(ending)
  await sleep(200)
  const expected = await historyOf(bySdk)
  expect((expected as { events: Row[] }).events.length).toBeGreaterThan(10)
  expect(await historyOf(byFacade)).toEqual(expected)
})

test('the comparison sees what differs', async () => {
  const [all, lessOne] = [await tellByFacade(working), await tellByFacade(working.filter(({ path }) => path !== '/events'))]
  expect(await historyOf(lessOne)).not.toEqual(await historyOf(all))
})

test('a call that was repeated changes nothing, with a key not even a line of the timeline', async () => {
  const id = newCorrelationId(Date.now())
  const post = async (path: string, body: object): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': `key of ${path}` }
    const url = `${tracker.url}/api/v1/tracking/requests${path}`
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status
  }
  const at = new Date().toISOString()
  const calls: [string, object][] = [
    ['', { id, student_id: 's', topic: 'Cells', at }],
    [`/${id}/stages/validation/start`, { at, attempt: 1 }],
    [`/${id}/events`, { type: 'api_call', at }],
    [`/${id}/stages/validation/retry`, { at, attempt: 1, delay_ms: 1, reason: 'busy' }],
    [`/${id}/stages/validation/start`, { at, attempt: 2 }],
    [`/${id}/stages/validation/complete`, { at, attempt: 2 }],
    [`/${id}/complete`, { at }],
  ]
  for (const call of calls) expect(await post(...call)).toBeLessThan(300)
  const once = await historyOf(id)
  for (const call of calls.toReversed()) expect(await post(...call)).toBeLessThan(300)
  expect(await historyOf(id)).toEqual(once)
})

test.each([
  ['a field that nobody knows', '/requests', '{"student_id":"s","topic":"t","colour":"red"}', 400, 'Known are'],
  ['a field that is missing', '/requests', '{"topic":"t"}', 400, 'student_id'],
  ['no JSON', '/requests', '{"topic"', 400, 'JSON'],
  ['a list', '/requests', '[]', 400, ''],
  ['data that is no object', `/requests/${newCorrelationId(Date.now())}/events`, '{"type":"t","data":[1]}', 400, 'data: an object'],
  ['an ID of nobody', '/requests/nonsense/start', '{}', 400, 'ID'],
  ['an ID of years ago', '/requests/vvd_1209234567890_a1b2c3d4/start', '{}', 422, 'too_old'],
  ['a NUL in a name', '/requests', '{"student_id":"a\\u0000b","topic":"t"}', 400, 'student_id'],
  ['a NUL in the path', `/requests/${newCorrelationId(Date.now())}/stages/a%00b/start`, '{}', 400, 'stage'],
])('%s is answered with a problem', async (_, path, body, status, words) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${tracker.url}/api/v1/tracking${path}`, { method: 'POST', headers, body })
  expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  expect(((await response.json()) as { detail: string }).detail).toContain(words)
})

test('what a form of another site could send is not taken', async () => {
  const url = `${tracker.url}/api/v1/tracking/requests`
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: '{"student_id":"s","topic":"t"}' })
    expect(response.status).toBe(415)
  }
  expect((await fetch(url)).status).toBe(405)
})
