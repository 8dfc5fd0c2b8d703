import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'

/** Requests at once, each of which tells something ten times a second. */
const REQUESTS = 10
const EVERY_MS = 100

/** A call, and the Unix time at which it was made. */
export type Call = { id: string; stage: string; event: 'stage_started' | 'stage_completed'; atMs: number }

/** Tells life-cycle records for so many seconds. */
export async function tellLifeCycles(seconds: number): Promise<Call[]> {
  const instrumentation = startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const calls: Call[] = []
  const endMs = Date.now() + seconds * 1000
  async function tellOne(at: number): Promise<void> {
    await sleep((at * EVERY_MS) / REQUESTS)
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    for (let number = 1; Date.now() < endMs; number += 1) {
      const stage = `stage_${number}`
      calls.push({ id, stage, event: 'stage_started', atMs: Date.now() })
      tracker.startStage(id, stage as 'validation')
      await sleep(EVERY_MS)
      calls.push({ id, stage, event: 'stage_completed', atMs: Date.now() })
      tracker.completeStage(id, stage as 'validation')
      await sleep(EVERY_MS)
    }
  }
  await Promise.all(Array.from({ length: REQUESTS }, (_, at) => tellOne(at)))
  await instrumentation.shutdown()
  return calls
}
