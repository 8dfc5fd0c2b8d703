import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseIdentity } from '@vividly/instrumentation'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import { createTestDatabase, type TestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { JobQueue } from './store/JobQueue.ts'
import { type OtlpSink, type SeenLog, startOtlpSink } from './testing/startOtlpSink.ts'
import { type PipelineProcess, startPipelineProcess } from './testing/startPipelineProcess.ts'

const jane = { student_id: 's-1001', student_name: 'Jane Doe', organization_id: 'northside-high' }

let database: TestDatabase
let sink: OtlpSink
let pipeline: PipelineProcess
beforeAll(async () => {
  database = await createTestDatabase()
  sink = await startOtlpSink()
  pipeline = await startPipelineProcess(database.url, sink.url, 40)
})
afterAll(async () => {
  pipeline?.child.kill('SIGKILL')
  await sink?.stop()
  await database?.drop()
})

const traceOf = (correlationId: string) => parseIdentity(correlationId)?.traceId ?? ''
const eventsOf = (correlationId: string) => sink.logs.filter((log) => log.traceId === traceOf(correlationId))
const spansOf = (correlationId: string) => sink.spans.filter((span) => span.traceId === traceOf(correlationId))
const stageOf = ({ attributes }: SeenLog) => {
  const stage = attributes['vividly.stage.name']
  return typeof stage === 'string' ? stage : 'request'
}
const startsOf = (correlationId: string, stage: string) =>
  eventsOf(correlationId).filter((log) => log.event === 'vividly.stage.started' && stageOf(log) === stage).length
const rootOf = (correlationId: string) =>
  spansOf(correlationId).find((span) => span.spanId === traceOf(correlationId).slice(16))

test('a request goes through all six stages in two workers, told as it happens', async () => {
  const { status, body } = await pipeline.ask({ ...jane, topic: 'Photosynthesis in plants' })
  expect(status).toBe(202)
  const id = body['correlation_id'] ?? ''
  expect(id).toMatch(/^vvd_\d{13}_[0-9a-f]{8}$/)
  expect(body).toEqual({
    correlation_id: id,
    request_id: parseIdentity(id)?.requestId,
    status_url: `/api/v1/monitoring/requests/${id}`,
  })
  await sink.until('the root span', () => rootOf(id))

  const events = eventsOf(id)
  const lifeCycle = events.filter(({ event }) => /request\.|stage\.(started|completed|failed)/.test(event))
  const told = lifeCycle.map((log) => `${stageOf(log)} ${log.event.split('.').at(-1)}`)
  // The workers send side by side: what one process tells is in order, and every stage once.
  const stages = told.filter((line) => !line.startsWith('request'))
  expect(stages.filter((line) => line.endsWith('started'))).toEqual(DEFAULT_STAGES.map((stage) => `${stage} started`))
  expect(stages.filter((line) => line.endsWith('completed'))).toEqual(DEFAULT_STAGES.map((stage) => `${stage} completed`))
  expect(stages).toHaveLength(12)
  expect(told.filter((line) => line.startsWith('request')).sort()).toEqual(['request completed', 'request created', 'request started'])

  // On the screen while it runs: the record came well before the stage's span could.
  const started = events.find((log) => log.event === 'vividly.stage.started' && stageOf(log) === 'video_generation')
  const stageSpan = spansOf(id).find((span) => span.values['vividly.stage.name'] === 'video_generation')
  expect(stageSpan?.arrivedAtMs).toBeGreaterThan((started?.arrivedAtMs ?? Infinity) + 1000)
  expect(events.some(({ event }) => event === 'vividly.stage.heartbeat')).toBe(true)

  const root = rootOf(id)
  const stageSpans = spansOf(id).filter((span) => span.values['vividly.stage.name'] !== undefined)
  expect(stageSpans.map((span) => String(span.values['vividly.stage.name'])).sort()).toEqual([...DEFAULT_STAGES].sort())
  expect(new Set(stageSpans.map((span) => span.parentSpanId))).toEqual(new Set([root?.spanId]))
  const script = stageSpans.find((span) => span.values['vividly.stage.name'] === 'script_generation')
  const call = spansOf(id).find((span) => span.name.startsWith('generate_content'))
  const attempt = spansOf(id).find((span) => span.name === 'script_generation attempt')
  expect([call?.parentSpanId, attempt?.parentSpanId]).toEqual([attempt?.spanId, script?.spanId])
  expect(call?.values['gen_ai.usage.output_tokens']).toBeGreaterThan(0)

  const completed = events.find(({ event }) => event === 'vividly.request.completed')
  const video = await fetch(String(completed?.attributes['vividly.request.video_url']))
  expect(await video.text()).toContain('chloroplasts')
  expect((await fetch(String(completed?.attributes['vividly.request.thumbnail_url']))).status).toBe(200)
  const mail = await readFile(join(pipeline.dataDir, 'mailbox', `${id}.ready.eml`), 'utf8')
  expect(mail).toContain('To: s-1001@northside-high.example')
  expect(mail).toContain(String(completed?.attributes['vividly.request.video_url']))

  const jobs = await database.sql<{ name: string; data: unknown }[]>`
    select name, data from pgboss.job where name like 'content-%' and data::text like ${`%${id}%`} order by name`
  const headers = { 'vividly-correlation-id': id, traceparent: `00-${traceOf(id)}-${root?.spanId}-01` }
  expect([...jobs]).toEqual([
    { name: 'content-script', data: { vividly: headers } },
    { name: 'content-video', data: { vividly: headers } },
  ])

  // Delivered again, a job of an ended request changes nothing.
  const queue = await JobQueue.open({ databaseUrl: database.url, onError: (error) => expect.unreachable(error.message) })
  await queue.send('content-script', id)
  await queue.send('content-video', id)
  await sleep(1500)
  await queue.stop()
  expect(spansOf(id).filter((span) => span.spanId === root?.spanId)).toHaveLength(1)
  expect(eventsOf(id).filter(({ event }) => /request\.|stage\.(started|completed|failed)/.test(event))).toHaveLength(15)
})

test.each([
  ['s-2099', 'The student s-2099 has an unknown permission "content:reqest"'],
  ['s-1099', 'The student s-1099 lacks the permission "content:request"'],
])('a request of student %s fails in validation, with a notice to the student', async (student_id, reason) => {
  const { body } = await pipeline.ask({ student_id, topic: 'The seasons' })
  const id = body['correlation_id'] ?? ''
  await sink.until('the root span', () => rootOf(id))
  const failed = await sink.until('request.failed', () => eventsOf(id).find(({ event }) => event === 'vividly.request.failed'))
  expect(failed.attributes).toMatchObject({ 'vividly.stage.name': 'validation', 'exception.message': reason })
  expect(eventsOf(id).filter(({ event }) => event === 'vividly.retry')).toEqual([])
  const mail = await readFile(join(pipeline.dataDir, 'mailbox', `${id}.failed.eml`), 'utf8')
  expect(mail).toContain(id)
  expect(mail.replace(/=\n/g, '')).toContain(reason)
})

test('an unknown student fails the same way, without a mail to nobody', async () => {
  const { body } = await pipeline.ask({ student_id: 's-nobody', topic: 'The seasons' })
  const id = body['correlation_id'] ?? ''
  const failed = await sink.until('request.failed', () => eventsOf(id).find(({ event }) => event === 'vividly.request.failed'))
  expect(failed.attributes['exception.message']).toBe('There is no student "s-nobody"')
})

test('what is not a content request is refused with a problem document that names every fault', async () => {
  const refused = await pipeline.ask({ topic: '', learning_objective: 7 })
  expect(refused).toMatchObject({ status: 400, type: 'application/problem+json' })
  expect(refused.body['detail']).toMatch(/student_id[\s\S]*topic[\s\S]*learning_objective|topic[\s\S]*student_id/)
  expect((await pipeline.ask({ ...jane, topic: 'N\0UL' })).status).toBe(400)
  expect((await pipeline.ask({ ...jane, topic: 'x'.repeat(20_000) })).status).toBe(413)
  expect((await fetch(`${pipeline.intakeUrl}/cdn/..%2f..%2fetc/video.svg`)).status).toBe(404)
})

test('SIGTERM stops all six processes within 5 s, and the next start goes on with the request that was under way', async () => {
  const { body } = await pipeline.ask({ ...jane, topic: 'Plate tectonics' })
  const id = body['correlation_id'] ?? ''
  await sink.until('video_generation to run', () => startsOf(id, 'video_generation') === 1)
  const children = childrenOf(pipeline.child.pid ?? 0)
  expect(children).toHaveLength(5)
  const { code, tookMs } = await pipeline.stop()
  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(5000)
  expect(children.filter(isAlive)).toEqual([])
  expect(rootOf(id)).toBeUndefined()

  pipeline = await startPipelineProcess(database.url, sink.url, 40)
  await sink.until('the root span', () => rootOf(id))
  expect(eventsOf(id).some(({ event }) => event === 'vividly.request.completed')).toBe(true)
  expect(startsOf(id, 'script_generation')).toBe(1)
  expect(startsOf(id, 'video_generation')).toBe(2)
})

test('when the parent is killed its children end by themselves', async () => {
  const children = childrenOf(pipeline.child.pid ?? 0)
  expect(children).toHaveLength(5)
  pipeline.child.kill('SIGKILL')
  await sink.until('the end of all children', () => !children.some(isAlive), 5000)
})

function childrenOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return rows.map((row) => row.trim().split(/\s+/).map(Number)).flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}

/** A zombie that nobody reaps has ended, too. */
function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}
