// A worker that knows nothing of a request but the correlation ID in its arguments.
import process from 'node:process'
import { RequestTracker, startInstrumentation } from '../index.ts'

const [, , correlationId = '', ending] = process.argv
const instrumentation = startInstrumentation()
const tracker = new RequestTracker()
tracker.startRequest(correlationId)
await tracker.trackStage(correlationId, 'script_generation', (stage) => stage.output({ words: 300 }), {
  attempt: 2,
})
if (ending === 'end') tracker.completeRequest(correlationId, { videoUrl: 'https://cdn/v.mp4' })
await instrumentation.shutdown()
