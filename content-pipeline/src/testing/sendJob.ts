// Creates a request and sends its job from inside a stage, as one process does.
import process from 'node:process'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import { JobQueue } from '../store/JobQueue.ts'

const instrumentation = startInstrumentation({ serviceName: 'sender' })
const fail = (error: Error): never => {
  throw error
}
const queue = await JobQueue.open({ databaseUrl: process.env['DATABASE_URL'] ?? '', onError: fail })
const tracker = new RequestTracker()
const { correlationId } = tracker.createRequest({ studentId: 's-1001', topic: 'Tides' })
await tracker.trackStage(correlationId, 'validation', () => queue.send('content-script', correlationId))
// Another, sent while nothing of the request runs here.
await queue.send('content-video', correlationId)
console.log(correlationId)
await queue.stop()
await instrumentation.shutdown()
process.exit(0)
