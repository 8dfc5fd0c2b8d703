import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rootSpanIdOf, traceIdOf } from '@vividly/instrumentation'
import { createTestDatabase, type TestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OtlpSink, startOtlpSink } from '../testing/startOtlpSink.ts'

let database: TestDatabase
let sink: OtlpSink
beforeAll(async () => {
  database = await createTestDatabase()
  sink = await startOtlpSink()
})
afterAll(async () => {
  await sink?.stop()
  await database?.drop()
})

async function run(program: string): Promise<string> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }
  const file = join(import.meta.dirname, '../testing', program)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { env, timeout: 50_000 })
  expect(stderr).toBe('')
  return stdout.trim()
}

test('a request goes through the queue from process to process: one trace, one root, every parent known', async () => {
  const id = await run('sendJob.ts')
  await run('takeJobs.ts')

  const rootSpanId = rootSpanIdOf(id)
  expect(new Set([...sink.spans, ...sink.logs].map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(id)]))
  expect(sink.spans.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ spanId }) => spanId)).toEqual([rootSpanId])
  const nameOf = new Map(sink.spans.map(({ spanId, name }) => [spanId, spanId === rootSpanId ? 'root' : name]))
  const under = Object.fromEntries(
    sink.spans.map(({ name, parentSpanId }) => [name, parentSpanId === undefined ? 'nothing' : nameOf.get(parentSpanId)]),
  )
  expect(under).toEqual({
    content_generation: 'nothing',
    validation: 'root',
    // Sent from inside that stage.
    'look up the script job': 'validation',
    script_generation: 'root',
    write: 'script_generation',
    // Sent while nothing of the request ran.
    'look up the video job': 'root',
    video_generation: 'root',
  })
})

test('a job of a sender that knows only the correlation ID is as good', async () => {
  sink.spans.length = 0
  const id = await run('sendJob.ts')
  await database.sql`update pgboss.job set data = jsonb_build_object('correlation_id', ${id}::text) where state = 'created'`
  await run('takeJobs.ts')

  const rootSpanId = rootSpanIdOf(id)
  const own = sink.spans.filter(({ name }) => name.startsWith('look up'))
  expect(own.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual([
    [traceIdOf(id), rootSpanId],
    [traceIdOf(id), rootSpanId],
  ])
  expect(sink.spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1)
})
