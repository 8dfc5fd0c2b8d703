// Takes the jobs of one request, in a process that knows nothing of it but them; the second one ends the request.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import pg from 'pg'
import { JobQueue } from '../store/JobQueue.ts'

const instrumentation = startInstrumentation({ serviceName: 'taker' })
const fail = (error: Error): never => {
  throw error
}
const queue = await JobQueue.open({ databaseUrl: process.env['DATABASE_URL'] ?? '', onError: fail })
const tracker = new RequestTracker()
const tracer = trace.getTracer('taker')

const script = Promise.withResolvers<void>()
const video = Promise.withResolvers<void>()
await queue.work('content-script', 1, async (id) => {
  tracer.startActiveSpan('look up the script job', (span) => span.end())
  await tracker.trackStage(id, 'script_generation', () => tracer.startActiveSpan('write', (span) => span.end()))
  script.resolve()
})
await queue.work('content-video', 1, async (id) => {
  await script.promise
  tracer.startActiveSpan('look up the video job', (span) => span.end())
  await tracker.trackStage(id, 'video_generation', () => {})
  tracker.completeRequest(id)
  video.resolve()
})
await video.promise
// A queue that stops gives back what it has not yet written down as done, and the next taker would get it.
const client = new pg.Client(process.env['DATABASE_URL'])
await client.connect()
while ((await client.query("select from pgboss.job where state < 'completed'")).rowCount !== 0) await sleep(20)
await client.end()
await queue.stop()
await instrumentation.shutdown()
process.exit(0)
