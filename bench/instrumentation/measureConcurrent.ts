import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'

/** What was told at the beginning is sent by then. */
const SETTLED_MS = 12_000
/** Two heartbeats of each stage. */
const MEASURED_MS = 20_000

export type Load = { coreShare: number; mebibytes: number }

/** A process with so many stages running at once, each of a request of its own; with none it is the one to compare with. */
export async function measureConcurrent(stages: number): Promise<Load> {
  startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const ending = Promise.withResolvers<void>()
  for (let index = 0; index < stages; index += 1) {
    const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
    void tracker.trackStage(correlationId, 'video_generation', () => ending.promise)
  }
  await sleep(SETTLED_MS)
  global.gc?.()
  const since = process.cpuUsage()
  await sleep(MEASURED_MS)
  const { user, system } = process.cpuUsage(since)
  global.gc?.()
  return { coreShare: (user + system) / 1000 / MEASURED_MS, mebibytes: process.memoryUsage().rss / 2 ** 20 }
}
