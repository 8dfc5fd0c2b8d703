import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem, requestEventList } from '../contract.ts'
import type { RequestEventList } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let app: Monitoring
const story = beginStory(Date.now() - 600_000)
const rootSpan = story.traceId.slice(16)
const [stageSpan, attemptSpan, callSpan, ringA, ringB] = ['a', 'b', 'c', 'd', 'e'].map((digit) => digit.repeat(16))

beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  const inStage = { span_id: stageSpan ?? null }
  const startedVideo = story.log('vividly.stage.started', 40_400, { 'vividly.stage.name': 'video_generation' }, inStage)
  const script = { 'vividly.stage.name': 'script_generation' }
  const of = (span_id: string | undefined, uid: string) => ({ span_id: span_id ?? null, uid })
  await tell(
    test_.sql,
    [
      // Told in the root span, as a client does that has no span of a stage: it must not make the root a stage.
      ...exampleLogs(story)
        .filter((log) => log.time_us !== startedVideo.time_us)
        .map((log) => ({ ...log, span_id: rootSpan })),
      story.log('vividly.api_call', 13_000, { 'http.status': 200 }, of(callSpan, 'in-ended-stage')),
      story.log('vividly.performance', 61_000, {}, of(stageSpan, 'in-running-stage')),
      story.log('vividly.cache_hit', 62_000, {}, of(attemptSpan, 'in-running-attempt')),
      story.log('vividly.cache_hit', 63_000, {}, of(rootSpan, 'in-root')),
      story.log('vividly.cache_hit', 64_000, {}, of(ringA, 'in-ring')),
      startedVideo,
      story.log('something.else', 65_000, {}, { severity: 'critical', message: 'the disk is full', uid: 'critical' }),
    ],
    [
      story.span('f'.repeat(16), 12_000, 40_300, script),
      story.span(callSpan ?? '', 12_500, 14_000, { 'vividly.x': 1 }, { parent_span_id: 'f'.repeat(16) }),
      // The attempt has ended, the stage it belongs to has not.
      story.span(attemptSpan ?? '', 41_000, 63_000, { 'vividly.stage.attempt': 1 }, { parent_span_id: stageSpan ?? null }),
      story.span(ringA ?? '', 1, 2, { 'vividly.x': 1 }, { parent_span_id: ringB ?? null }),
      story.span(ringB ?? '', 1, 2, { 'vividly.x': 1 }, { parent_span_id: ringA ?? null }),
    ],
  )
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

async function read(query = '', id = story.correlationId): Promise<RequestEventList> {
  const response = await app.request(`/requests/${id}/events${query}`)
  expect(response.status).toBe(200)
  return requestEventList.parse(await response.json())
}

test('events are told oldest first, in every spelling of the ID', async () => {
  const { items, next_cursor: next } = await read()
  expect(next).toBeNull()
  expect(items.map(({ created_at: at }) => at)).toEqual(items.map(({ created_at: at }) => at).toSorted())
  expect(items[0]).toMatchObject({ event_type: 'request_created', source_service: 'script-worker', source_host: 'host-1' })
  expect(items.at(-1)).toMatchObject({ event_type: 'something.else', severity: 'critical', event_message: 'the disk is full', stage_name: null })
  for (const id of [story.traceId, story.requestId]) expect((await read('', id)).items).toEqual(items)
})

test('an event that names no stage belongs to that of its span, also of one inside or still open', async () => {
  const { items } = await read()
  const stageOf = (type: string, afterMs: number) =>
    items.find((item) => item.event_type === type && item.created_at === new Date(story.startMs + afterMs).toISOString())?.stage_name
  expect(stageOf('api_call', 13_000)).toBe('script_generation')
  expect(stageOf('performance', 61_000)).toBe('video_generation')
  expect(stageOf('cache_hit', 62_000)).toBe('video_generation')
  expect(stageOf('cache_hit', 63_000)).toBeNull()
  expect(stageOf('cache_hit', 64_000)).toBeNull()
})

test.each<[string, string[]]>([
  ['?severity=critical', ['something.else']],
  ['?severity=critical&severity=error', ['something.else']],
  ['?type=api_call&type=performance', ['api_call', 'performance']],
  ['?stage=script_generation', ['stage_started', 'api_call', 'stage_completed']],
  ['?stage=script_generation&type=api_call&severity=info', ['api_call']],
  ['?type=%27;drop', []],
])('events are narrowed by %s', async (query, types) => {
  expect((await read(query)).items.map(({ event_type: type }) => type)).toEqual(types)
})

test('pages give every event once', async () => {
  const whole = (await read()).items
  const paged = []
  let cursor: string | null = ''
  do {
    const page: RequestEventList = await read(`?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
    expect(page.items.length).toBeLessThanOrEqual(3)
    paged.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null)
  expect(paged).toEqual(whole)
})

test.each(['limit=0', 'limit=1001', 'severity=loud', 'cursor=x', 'from=1', 'type=%00'])('events refuse %s', async (query) => {
  const response = await app.request(`/requests/${story.traceId}/events?${query}`)
  expect(response.status).toBe(400)
  problem.parse(await response.json())
})

test('there are no events of a request that nobody knows', async () => {
  expect((await app.request(`/requests/${'0'.repeat(32)}/events`)).status).toBe(404)
  expect((await app.request('/requests/%00/events')).status).toBe(404)
})
