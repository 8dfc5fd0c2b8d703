import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'

/** Stages are begun in groups, in ten seconds for ten thousand; a service that took minutes for it would cost no less. */
const GROUP = 20
const PAUSE_MS = 20
/** What was told at the beginning is sent by then. */
const SETTLED_MS = 5000
/** Two heartbeats of each stage. */
const MEASURED_MS = 20_000

export type Load = { coreShare: number; mebibytes: number }

/**
 * A process in which so many stages are running at once, each of a request of its own; or, to compare with, one in which as
 * many have ended: V8 lets its young generation grow up to 128 MiB in any process that is busy for seconds, and keeps it.
 */
export async function measureConcurrent(stages: number, haveEnded: boolean): Promise<Load> {
  startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const ending = Promise.withResolvers<void>()
  const work = haveEnded ? () => {} : () => ending.promise
  for (let index = 0; index < stages; index += 1) {
    const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
    void tracker.trackStage(correlationId, 'video_generation', work)
    if (index % GROUP === GROUP - 1) await sleep(PAUSE_MS)
  }
  await sleep(SETTLED_MS)
  global.gc?.()
  const since = process.cpuUsage()
  await sleep(MEASURED_MS)
  const { user, system } = process.cpuUsage(since)
  global.gc?.()
  return { coreShare: (user + system) / 1000 / MEASURED_MS, mebibytes: process.memoryUsage().rss / 2 ** 20 }
}
