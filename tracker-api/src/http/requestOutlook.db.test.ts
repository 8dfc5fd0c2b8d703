import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { requestDetail, requestList } from '../contract.ts'
import type { RequestDetail } from '../contract.ts'
import { startMaintenance } from '../store/maintain.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, tell } from '../testing/tellStory.ts'
import type { Story } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

const STAGES = ['validation', 'rag_retrieval', 'script_generation', 'video_generation', 'video_processing', 'notification']
/** Every stage takes between 100 s and 120 s, half of them less than 110 s. */
const SECONDS = Array.from({ length: 21 }, (_, n) => 100 + n)
const MEDIAN = 110
let test_: TestDatabase
let app: Monitoring

beforeAll(async () => {
  test_ = await createTestDatabase()
  await test_.sql`select ensure_partitions(now() - interval '1 day')`
  app = await startMonitoring(test_.url)
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

const stage = (name: string) => ({ 'vividly.stage.name': name })
function stages(story: Story, count: number, seconds: number) {
  return STAGES.slice(0, count).flatMap((name, n) => [
    story.log('vividly.stage.started', n * seconds * 1000, stage(name)),
    story.log('vividly.stage.completed', (n + 1) * seconds * 1000, stage(name)),
  ])
}
/** Three stages are done in 110 s each, the fourth has run for so long. */
async function running(forSeconds: number): Promise<Story> {
  const story = beginStory(Date.now() - (3 * MEDIAN + forSeconds) * 1000)
  await tell(test_.sql, [
    story.log('vividly.request.created', 0),
    ...stages(story, 3, MEDIAN),
    story.log('vividly.stage.started', 3 * MEDIAN * 1000, stage('video_generation')),
  ])
  return story
}
async function read({ requestId }: Story): Promise<RequestDetail> {
  return requestDetail.strict().parse(await (await app.request(`/requests/${requestId}`)).json())
}
/** From now, in seconds. */
async function expected(story: Story): Promise<number[]> {
  const { expected_end: end } = await read(story)
  return end === null ? [] : [end.earliest, end.likely, end.latest].map((at) => (Date.parse(at) - Date.now()) / 1000)
}

test('nothing is expected while nothing is known, and progress goes by the definitions', async () => {
  const detail = await read(await running(60))
  expect(detail.expected_end).toBeNull()
  // 2 + 10 + 30 of 184 s are done, and 60 of the video's 120.
  expect(detail.time_progress_ratio).toBeCloseTo(102 / 184, 1)
})

test('once twenty are known, the end is expected by what they took', async () => {
  for (const seconds of SECONDS) {
    const story = beginStory(Date.now() - 7_200_000 + seconds)
    await tell(test_.sql, [
      story.log('vividly.request.created', 0), ...stages(story, 6, seconds), story.log('vividly.request.completed', 6 * seconds * 1000),
    ])
  }
  await test_.sql`select refresh_request_metrics(100)`
  const errors: unknown[] = []
  const maintenance = startMaintenance(test_.url, (error) => errors.push(error))
  await vi.waitFor(async () => expect(await test_.sql`select from stage_paces`).toHaveLength(STAGES.length + 1), 20_000)
  await maintenance.stop()
  expect(errors).toEqual([])

  const story = await running(10)
  const [earliest = 0, likely = 0, latest = 0] = await expected(story)
  // Within the 1 % of the sketch and the few seconds that this test may take.
  expect(Math.abs(earliest - (3 * 101 - 10))).toBeLessThan(15)
  expect(Math.abs(likely - (3 * MEDIAN - 10))).toBeLessThan(15)
  expect(Math.abs(latest - (3 * 119 - 10))).toBeLessThan(15)
  const { items } = requestList.parse(await (await app.request(`/requests?q=${story.requestId}`)).json())
  const detail = await read(story)
  expect(items[0]).toMatchObject({ is_late: false, is_stalled: false, is_retrying: false })
  const likelyMs = (row: typeof items[number] | RequestDetail | undefined) => Date.parse(row?.expected_end?.likely ?? '')
  expect(Math.abs(likelyMs(items[0]) - likelyMs(detail))).toBeLessThan(1000)
  expect(detail.time_progress_ratio).toBeCloseTo((3 * MEDIAN + 10) / (6 * MEDIAN), 1)
})

test('past its median a stage may take half of what is left to the 95th percentile; past that it may take any time', async () => {
  const [earliest = 0, likely = 0, latest = 0] = await expected(await running(113))
  expect(earliest).toBeLessThan(likely)
  expect(likely).toBeLessThan(latest)
  expect(Math.abs(likely - (2 * MEDIAN + 3))).toBeLessThan(10)
  expect(await expected(await running(130))).toEqual([])
})

test('one that waits to be begun ends no earlier than whole requests do', async () => {
  const story = beginStory(Date.now() - 1000)
  await tell(test_.sql, [story.log('vividly.request.created', 0)])
  const [, likely = 0] = await expected(story)
  expect(Math.abs(likely - 6 * MEDIAN)).toBeLessThan(30)
  expect((await read(story)).time_progress_ratio).toBe(0)
})

test('a failed stage counts whole from when its next try is due, and nothing is known where none is', async () => {
  const story = await running(20)
  const failure = { ...stage('video_generation'), 'error.type': 'TimeoutError' }
  await tell(test_.sql, [story.log('vividly.stage.failed', (3 * MEDIAN + 20) * 1000, failure)])
  expect(await expected(story)).toEqual([])
  await tell(test_.sql, [story.log('vividly.retry', (3 * MEDIAN + 20) * 1000, { ...failure, 'vividly.retry.delay_ms': 100_000 })])
  const [, likely = 0] = await expected(story)
  expect(Math.abs(likely - (100 + 3 * MEDIAN))).toBeLessThan(15)
  expect((await read(story)).is_retrying).toBe(true)
})

test('what has ended is expected no more; a pipeline of no stage has no progress by time', async () => {
  const done = beginStory(Date.now() - 60_000)
  await tell(test_.sql, [done.log('vividly.request.created', 0), done.log('vividly.request.completed', 5000)])
  expect(await read(done)).toMatchObject({ expected_end: null, time_progress_ratio: 1, is_late: false })
  const other = beginStory(Date.now() - 60_000)
  await tell(test_.sql, [other.log('vividly.request.created', 0, { 'vividly.pipeline.name': 'unheard_of' })])
  expect(await read(other)).toMatchObject({ expected_end: null, time_progress_ratio: null })
})
