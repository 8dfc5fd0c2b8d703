import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requestIdOf, traceIdOf } from '@vividly/instrumentation/identity'
import type { Attributes, LogSignal } from '../signal.ts'
import { emptyTables } from '../testing/mergedState.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { recordSignals } from './recordSignals.ts'

let scratch: TestDatabase
let database: Database
beforeAll(async () => {
  scratch = await createTestDatabase()
  database = openDatabase(scratch.url)
})
afterAll(async () => {
  await database.close()
  await scratch.drop()
})
afterEach(() => emptyTables(scratch.sql))

const startMs = Date.now() - 60_000
const correlationId = `vvd_${startMs}_0badcafe`
const traceId = traceIdOf(correlationId)
const id = requestIdOf(correlationId)

/** Seconds after the request's creation. */
function event(atSeconds: number, name: string, attributes: Attributes = {}): LogSignal {
  return {
    trace_id: traceId,
    span_id: traceId.slice(16),
    event_name: `vividly.${name}`,
    message: null,
    severity: 'info',
    time_us: (startMs + atSeconds * 1000) * 1000,
    uid: null,
    attributes,
    service: 'worker',
    host: 'host',
    instance: 'worker-1',
  }
}

const stage = (atSeconds: number, name: string, stageName: string, attributes: Attributes = {}): LogSignal =>
  event(atSeconds, name, { 'vividly.stage.name': stageName, ...attributes })

const done = (fromSeconds: number, toSeconds: number, name: string): LogSignal[] => [
  stage(fromSeconds, 'stage.started', name),
  stage(toSeconds, 'stage.completed', name),
]

async function tell(...logs: LogSignal[]): Promise<void> {
  expect(await recordSignals(database, { spans: [], logs, refusals: [] })).toEqual({ refused: [] })
}

async function request(): Promise<Record<string, unknown>> {
  const [row] = await scratch.sql`select * from content_requests where id = ${id}`
  return row ?? {}
}

describe('status, stage and progress', () => {
  test('three stages done and the video running is 66 %', async () => {
    await tell(
      event(0, 'request.created'),
      event(2, 'request.started'),
      ...done(2, 3.2, 'validation'),
      ...done(4, 12.5, 'rag_retrieval'),
      ...done(13, 41.3, 'script_generation'),
      stage(42, 'stage.started', 'video_generation'),
    )
    expect(await request()).toMatchObject({
      status: 'generating_video',
      current_stage: 'video_generation',
      progress_percentage: 66,
      correlation_id: correlationId,
      trace_id: traceId,
      created_at: new Date(startMs),
      started_at: new Date(startMs + 2000),
      completed_at: null,
      total_duration_seconds: null,
    })
  })

  test('created or started alone is pending', async () => {
    await tell(event(0, 'request.created'), event(1, 'request.started'))
    expect(await request()).toMatchObject({ status: 'pending', current_stage: null, progress_percentage: 0 })
  })

  test('between two stages the furthest that ever started counts', async () => {
    await tell(...done(1, 2, 'validation'), ...done(3, 4, 'rag_retrieval'))
    expect(await request()).toMatchObject({ status: 'retrieving', current_stage: 'rag_retrieval', progress_percentage: 33 })
  })

  test('a stage in progress counts before a later one that has ended', async () => {
    await tell(stage(1, 'stage.started', 'validation'), ...done(2, 3, 'rag_retrieval'))
    expect(await request()).toMatchObject({ status: 'validating', current_stage: 'validation' })
  })

  test('a skipped stage is passed, but never the current one', async () => {
    await tell(...done(1, 2, 'validation'), stage(3, 'stage.skipped', 'rag_retrieval'))
    expect(await request()).toMatchObject({ status: 'validating', progress_percentage: 33 })
  })

  test('the last failure of a stage does not end the request', async () => {
    await tell(
      stage(1, 'stage.started', 'script_generation'),
      stage(5, 'stage.failed', 'script_generation', { 'exception.message': 'quota exceeded', 'exception.type': 'Quota' }),
    )
    expect(await request()).toMatchObject({
      status: 'generating_script',
      error_message: 'quota exceeded',
      error_stage: 'script_generation',
      error_details: { 'exception.type': 'Quota', 'exception.message': 'quota exceeded' },
      failed_at: null,
    })
  })

  test('all stages done stay at 99 % until the request is completed', async () => {
    const names = ['validation', 'rag_retrieval', 'script_generation', 'video_generation', 'video_processing', 'notification']
    await tell(...names.flatMap((name, i) => done(i, i + 0.5, name)))
    expect(await request()).toMatchObject({ status: 'notifying', progress_percentage: 99 })
    await tell(event(7, 'request.completed', { 'vividly.request.video_url': 'https://cdn.example/v' }))
    expect(await request()).toMatchObject({
      status: 'completed',
      current_stage: null,
      progress_percentage: 100,
      completed_at: new Date(startMs + 7000),
      total_duration_seconds: '7.000000',
      video_url: 'https://cdn.example/v',
    })
  })

  test('completed outranks failed outranks cancelled, whichever came first', async () => {
    await tell(event(3, 'request.failed', { 'exception.message': 'no' }))
    await tell(event(2, 'request.cancelled'))
    expect(await request()).toMatchObject({ status: 'failed', failed_at: new Date(startMs + 3000), error_message: 'no' })
    await tell(event(9, 'request.completed'))
    expect(await request()).toMatchObject({ status: 'completed', failed_at: null, error_message: null })
  })

  test("a stage outside the pipeline's definitions is kept behind the known ones", async () => {
    await tell(...done(1, 2, 'validation'), stage(3, 'stage.started', 'colour_grading'))
    expect(await request()).toMatchObject({ status: 'validating', progress_percentage: 28 })
    const rows = await scratch.sql`select stage_name, stage_order from request_stages order by stage_order`
    expect(rows).toEqual([
      { stage_name: 'validation', stage_order: 1 },
      { stage_name: 'colour_grading', stage_order: 1000 },
    ])
  })
})

describe('retries', () => {
  test('a retry record fails its attempt until the next one starts', async () => {
    const attempt = (n: number): Attributes => ({ 'vividly.stage.attempt': n, 'vividly.stage.max_attempts': 4 })
    await tell(
      stage(1, 'stage.started', 'script_generation', attempt(1)),
      stage(2, 'retry', 'script_generation', { ...attempt(1), 'vividly.retry.delay_ms': 500, 'vividly.retry.reason': '429' }),
    )
    const read = () => scratch.sql`
      select status, attempt, retry_count, max_retries, error_message, next_attempt_at from request_stages`
    expect((await read())[0]).toEqual({
      status: 'failed',
      attempt: 1,
      retry_count: 0,
      max_retries: 3,
      error_message: '429',
      next_attempt_at: new Date(startMs + 2500),
    })
    await tell(stage(2.5, 'stage.started', 'script_generation', attempt(2)))
    expect((await read())[0]).toEqual({
      status: 'in_progress',
      attempt: 2,
      retry_count: 1,
      max_retries: 3,
      error_message: null,
      next_attempt_at: null,
    })
    expect(await request()).toMatchObject({ retry_count: 1, error_message: null, started_at: new Date(startMs + 1000) })
  })
})

describe('whoever writes', () => {
  beforeEach(() => tell(event(0, 'request.created'), stage(1, 'stage.started', 'validation')))

  test('a direct update of a stage moves progress, status, timeline and change feed', async () => {
    const [before] = await scratch.sql`select version from content_requests`
    await scratch.sql`update request_stages set status = 'completed' where request_id = ${id} and stage_name = 'validation'`
    await scratch.sql`insert into request_stages (request_id, stage_name, status) values (${id}, 'rag_retrieval', 'in_progress')`
    const after = await request()
    expect(after).toMatchObject({ status: 'retrieving', current_stage: 'rag_retrieval', progress_percentage: 33 })
    expect(Number(after['version'])).toBe(Number(before?.['version']) + 2)
    expect((await scratch.sql`select max(version) as version from change_log`)[0]?.['version']).toBe(after['version'])
    const changes = await scratch.sql`select from_status, to_status from request_status_changes order by id`
    expect(changes.slice(-1)).toEqual([{ from_status: 'validating', to_status: 'retrieving' }])
    const timeline = await scratch.sql`select event_type, stage_name from request_events where is_derived order by created_at`
    expect(timeline).toEqual([
      { event_type: 'stage_completed', stage_name: 'validation' },
      { event_type: 'stage_started', stage_name: 'rag_retrieval' },
    ])
  })

  test('a request ended by hand ends, and its hour is marked', async () => {
    await scratch.sql`delete from request_metric_hours_due`
    await scratch.sql`update content_requests set status = 'failed', error_message = 'stopped by hand' where id = ${id}`
    expect(await request()).toMatchObject({ status: 'failed', outcome: 'failed', error_message: 'stopped by hand' })
    expect((await request())['failed_at']).toBeInstanceOf(Date)
    const hours = await scratch.sql`select distinct hour from request_metric_hours_due`
    expect(hours).toEqual([{ hour: new Date(Math.floor(startMs / 3_600_000) * 3_600_000) }])
  })

  test("a status that the stages don't say is derived again", async () => {
    await scratch.sql`update content_requests set status = 'notifying' where id = ${id}`
    expect(await request()).toMatchObject({ status: 'validating' })
  })

  test('a request inserted by hand is pending and has a timeline', async () => {
    const other = requestIdOf(`vvd_${startMs}_00000001`)
    await scratch.sql`insert into content_requests (id, topic) values (${other}, 'Tides')`
    const [row] = await scratch.sql`select status, created_at, trace_id from content_requests where id = ${other}`
    expect(row).toEqual({ status: 'pending', created_at: new Date(startMs), trace_id: other.replaceAll('-', '') })
    const events = await scratch.sql`select event_type from request_events where request_id = ${other}`
    expect(events).toEqual([{ event_type: 'request_created' }])
  })
})

describe('refusals', () => {
  test.each([
    ['too_old', `vvd_${startMs - 90 * 86_400_000}_0badcafe`],
    ['too_far_ahead', `vvd_${startMs + 2 * 86_400_000}_0badcafe`],
  ])('%s: the record is kept in dead_letters, the rest of the batch is stored', async (reason, stranger) => {
    const bad = { ...event(0, 'request.created'), trace_id: traceIdOf(stranger) }
    const { refused } = await recordSignals(database, { spans: [], logs: [bad, event(0, 'request.created')], refusals: [] })
    expect(refused).toEqual([{ signal: 'log_record', reason, detail: expect.stringContaining(stranger) }])
    expect(await scratch.sql`select count(*)::int from content_requests`).toEqual([{ count: 1 }])
    const [letter] = await scratch.sql`select reason, payload from dead_letters order by id desc limit 1`
    expect(letter).toMatchObject({ reason, payload: { trace_id: traceIdOf(stranger) } })
  })

  test('a partition that is missing is made', async () => {
    const daysAgo = Date.now() - 12 * 86_400_000
    const late = { ...event(0, 'request.created'), trace_id: traceIdOf(`vvd_${daysAgo}_00000001`) }
    expect(await recordSignals(database, { spans: [], logs: [late], refusals: [] })).toEqual({ refused: [] })
  })

  test('a record that Postgres cannot store is refused alone', async () => {
    const poison = { ...event(3, 'api_call'), message: 'NUL \u0000 inside' }
    const { refused } = await recordSignals(database, {
      spans: [],
      logs: [event(0, 'request.created'), poison, stage(1, 'stage.started', 'validation')],
      refusals: [],
    })
    expect(refused).toMatchObject([{ signal: 'log_record', reason: 'unstorable' }])
    expect(await request()).toMatchObject({ status: 'validating' })
  })
})
