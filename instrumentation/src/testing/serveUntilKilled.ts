// A service that begins requests, says which, and goes on until somebody ends it.
import { setTimeout } from 'node:timers/promises'
import { RequestTracker, startInstrumentation } from '../index.ts'

const [, , count = '0'] = process.argv
startInstrumentation({ serviceName: 'killed' })
const tracker = new RequestTracker()
const ids: string[] = []
for (let at = 0; at < Number(count); at += 1) {
  const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
  tracker.startStage(correlationId, 'validation')
  ids.push(correlationId)
}
// Longer than records may wait before they are on disk.
await setTimeout(300)
console.log(JSON.stringify(ids))
await setTimeout(60_000)
