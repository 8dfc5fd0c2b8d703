import { Registry } from 'prom-client'
import type { RegistryContentType } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'
import { countEnded } from '../store/countEnded.ts'
import { readAilingRequests } from '../store/readAilingRequests.ts'
import { readClusterFacts } from '../store/readClusterFacts.ts'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { registerClusterMetrics } from './registerClusterMetrics.ts'

let test_: TestDatabase
let database: Database

beforeAll(async () => {
  test_ = await createTestDatabase()
  database = openDatabase(test_.url)
})
afterAll(async () => {
  await database.close()
  await test_.drop()
})

/** What Prometheus would get from a replica that starts now. */
async function scrape(): Promise<string[]> {
  await countEnded(database.read)
  const registry: Registry<RegistryContentType> = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  registerClusterMetrics(registry, async () => ({
    ...(await readClusterFacts(database.read)),
    ailing: await readAilingRequests(database.read),
  }))
  return (await registry.metrics()).split('\n')
}
const valueOf = (lines: string[], series: string) =>
  Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length + 1).split(' ')[0])

const pipeline = 'pipeline="content_generation"'
const video = { 'vividly.stage.name': 'video_generation' }
const hourAgo = Date.now() - 3_600_000

test('a database that saw nothing has every series that a rule counts on, at 0', async () => {
  const lines = await scrape()
  for (const status of ['completed', 'failed', 'cancelled']) {
    expect(valueOf(lines, `vividly_requests_total{${pipeline},status="${status}"}`)).toBe(0)
  }
  expect(valueOf(lines, `vividly_requests_created_total{${pipeline}}`)).toBe(0)
  expect(valueOf(lines, `vividly_queue_depth{${pipeline}}`)).toBe(0)
  expect(valueOf(lines, 'vividly_database_up')).toBe(1)
  expect(valueOf(lines, 'vividly_partitions_ahead_seconds{table="request_events"}')).toBeGreaterThan(6 * 86_400)
  expect(lines.at(-2)).toBe('# EOF')
})

describe('what ended', () => {
  test('is counted once, however often and in whatever pieces it is told', async () => {
    const before = await scrape()
    const story = beginStory(hourAgo)
    const failing = beginStory(hourAgo)
    await tell(test_.sql, [
      story.log('vividly.request.created', 0),
      story.log('vividly.stage.started', 1000, video),
      story.log('vividly.retry', 3000, { ...video, 'vividly.retry.delay_ms': 1000 }),
      failing.log('vividly.request.failed', 400_000, { 'exception.message': 'gone' }),
    ])
    await scrape()
    const ending = [
      story.log('vividly.stage.completed', 41_000, { ...video, 'vividly.stage.attempt': 2 }),
      story.log('vividly.request.completed', 42_000),
    ]
    await tell(test_.sql, ending)
    await tell(test_.sql, ending, [
      story.span('a1a1a1a1a1a1a1a1', 1000, 41_000, { ...video, 'vividly.stage.attempt': 2 }),
    ])
    await scrape()
    const lines = await scrape()

    const grown = (series: string) => valueOf(lines, series) - (valueOf(before, series) || 0)
    expect(grown(`vividly_requests_created_total{${pipeline}}`)).toBe(2)
    expect(grown(`vividly_requests_total{${pipeline},status="completed"}`)).toBe(1)
    expect(grown(`vividly_requests_total{${pipeline},status="failed"}`)).toBe(1)
    expect(grown(`vividly_stages_total{${pipeline},stage="video_generation",status="completed"}`)).toBe(1)
    expect(grown(`vividly_stages_total{${pipeline},stage="video_generation",status="failed"}`)).toBe(0)
    expect(grown(`vividly_stage_retries_total{${pipeline},stage="video_generation"}`)).toBe(1)

    const durations = `${pipeline},stage="video_generation",status="completed"`
    const bucket = (le: string) => `vividly_stage_duration_seconds_bucket{${durations},le="${le}"}`
    expect([bucket('30'), bucket('45'), bucket('+Inf')].map((series) => valueOf(lines, series))).toEqual([0, 1, 1])
    expect(valueOf(lines, `vividly_stage_duration_seconds_sum{${durations}}`)).toBe(40)
    expect(lines.find((line) => line.startsWith(bucket('45')))).toContain(`# {trace_id="${story.traceId}"} 40 `)
  })

  test('is still counted when retention has deleted it', async () => {
    const before = await scrape()
    await test_.sql`delete from request_stages`
    await test_.sql`delete from content_requests`
    expect((await scrape()).filter(isCounter)).toEqual(before.filter(isCounter))
  })

  test('counts once when several replicas count at the same time', async () => {
    const series = `vividly_requests_total{${pipeline},status="completed"}`
    const before = valueOf(await scrape(), series)
    const told = Array.from({ length: 40 }, () => beginStory(hourAgo))
    await Promise.all(
      told.flatMap((story) => [tell(test_.sql, [story.log('vividly.request.completed', 1000)]), countEnded(database.read)]),
    )
    expect(valueOf(await scrape(), series) - before).toBe(told.length)
  })
})

test('requests are counted by the class of their organization, under few names whatever organizations there are', async () => {
  await test_.sql`insert into organization_classes (organization_id, class) values ('north', 'premium'), ('unseen', 'trial')`
  const of = (organizationClass: string, status: string) =>
    `vividly_organization_class_requests_total{${pipeline},organization_class="${organizationClass}",status="${status}"}`
  const before = await scrape()
  const asked = [{ 'vividly.organization.id': 'north' }, { 'vividly.organization.id': 'somewhere' }, {}]
  await tell(
    test_.sql,
    asked.flatMap((attributes) => {
      const story = beginStory(hourAgo)
      return [story.log('vividly.request.created', 0, attributes), story.log('vividly.request.failed', 1000)]
    }),
  )
  const after = await scrape()
  const grown = (series: string) => valueOf(after, series) - valueOf(before, series)
  for (const organizationClass of ['premium', 'other', 'none']) {
    expect([of(organizationClass, 'created'), of(organizationClass, 'failed'), of(organizationClass, 'completed')].map(grown)).toEqual([1, 1, 0])
  }
  expect(valueOf(after, of('trial', 'failed'))).toBe(0)
  expect(after.join('\n')).not.toContain('somewhere')
})

test('what is under way: by status, how old, what waits and what retries', async () => {
  await tell(test_.sql, [
    beginStory(Date.now() - 60_000).log('vividly.request.created', 0),
    ...runningFor(50_000),
    ...retryingFor(70_000),
    beginStory(Date.now()).log('vividly.circuit_breaker.status', 0, openBreaker, { trace_id: null }),
  ])
  const lines = await scrape()
  expect(valueOf(lines, `vividly_queue_depth{${pipeline}}`)).toBe(1)
  expect(valueOf(lines, `vividly_active_requests{${pipeline},status="generating_video"}`)).toBe(2)
  const age = valueOf(lines, `vividly_oldest_request_age_seconds{${pipeline},status="pending"}`)
  expect(age).toBeGreaterThanOrEqual(60)
  expect(age).toBeLessThan(120)
  const stage = `{${pipeline},stage="video_generation"}`
  expect(valueOf(lines, `vividly_running_stages${stage}`)).toBe(1)
  expect(valueOf(lines, `vividly_retrying_stages${stage}`)).toBe(1)
  expect(valueOf(lines, `vividly_stage_oldest_running_seconds${stage}`)).toBeGreaterThanOrEqual(70)
  expect(valueOf(lines, 'vividly_circuit_breaker_state{name="gemini",state="open"}')).toBe(1)
  expect(valueOf(lines, 'vividly_circuit_breaker_state{name="gemini",state="closed"}')).toBe(0)
  expect(valueOf(lines, 'vividly_circuit_breaker_calls{name="gemini",kind="rejected"}')).toBe(2)
})

test('what ails is counted, and what nobody ails of is 0', async () => {
  const late = beginStory(Date.now() - 300_000)
  const silent = beginStory(Date.now() - 300_000)
  const validation = { 'vividly.stage.name': 'validation' }
  const before = await scrape()
  await tell(test_.sql, [late.log('vividly.stage.started', 0, validation), silent.log('vividly.stage.started', 0, validation)])
  await test_.sql`update request_events set received_at = now() - interval '10 minutes' where request_id = ${silent.requestId}`
  await test_.sql`alter table content_requests disable trigger user`
  await test_.sql`update content_requests set updated_at = now() - interval '10 minutes' where id = ${silent.requestId}`
  await test_.sql`alter table content_requests enable trigger user`
  const lines = await scrape()
  const grown = (name: string) => valueOf(lines, `${name}{${pipeline}}`) - valueOf(before, `${name}{${pipeline}}`)
  expect(grown('vividly_late_requests')).toBe(2)
  expect(grown('vividly_stalled_requests')).toBe(1)
  await tell(test_.sql, [late, silent].map((story) => story.log('vividly.request.cancelled', 1000)))
  const ended = await scrape()
  expect(valueOf(ended, `vividly_stalled_requests{${pipeline}}`)).toBe(valueOf(before, `vividly_stalled_requests{${pipeline}}`))
})

test('what stages usually take is there once enough requests are known', async () => {
  expect((await scrape()).some((line) => line.startsWith('vividly_usual_duration_seconds{'))).toBe(false)
  await test_.sql`insert into stage_paces values ('video_generation', 30, 60, 100, 200), (null, 30, 90, 150, 300)`
  const lines = await scrape()
  expect(valueOf(lines, 'vividly_usual_duration_seconds{stage="video_generation",quantile="0.95"}')).toBe(200)
  expect(valueOf(lines, 'vividly_usual_duration_seconds{stage="request",quantile="0.5"}')).toBe(150)
})

test('without the database the scrape still answers, and says so', async () => {
  const registry: Registry<RegistryContentType> = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  registerClusterMetrics(registry, () => Promise.reject(new Error('gone')))
  const lines = (await registry.metrics()).split('\n')
  expect(valueOf(lines, 'vividly_database_up')).toBe(0)
  expect(lines.some((line) => line.startsWith('vividly_requests_total{'))).toBe(false)
})

const openBreaker = {
  'vividly.circuit_breaker.name': 'gemini',
  'vividly.circuit_breaker.state': 'open',
  'vividly.circuit_breaker.calls': 7,
  'vividly.circuit_breaker.failures': 3,
  'vividly.circuit_breaker.rejected': 2,
}
const isCounter = (line: string) => /^vividly_(requests|stages|stage_retries|requests_created)_total/.test(line)
const runningFor = (ms: number) => [beginStory(Date.now() - ms).log('vividly.stage.started', 0, video)]
const retryingFor = (ms: number) => {
  const story = beginStory(Date.now() - ms)
  return [
    story.log('vividly.stage.started', 0, video),
    story.log('vividly.retry', 60_000, { ...video, 'vividly.retry.delay_ms': 60_000 }),
  ]
}
