import { RequestTracker, definePipeline } from '@vividly/instrumentation'
import { Hono } from 'hono'

const tracker = new RequestTracker({ pipeline: definePipeline('essay', ['write', 'review']) })

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function write(topic: string): Promise<string> {
  await pause(20)
  return `An essay on ${topic}`
}

async function review(essay: string): Promise<string> {
  await pause(20)
  if (essay.includes('volcano')) throw new Error('The reviewer is afraid of volcanoes')
  return `${essay}, reviewed`
}

/** The same service, tracked: what was added is an import, a tracker, and a line for each thing that happens. */
export function createApp(): Hono {
  return new Hono().post('/essays', async (c) => {
    const { student, topic } = await c.req.json<{ student: string; topic: string }>()
    const { correlationId } = tracker.createRequest({ studentId: student, topic })
    try {
      const draft = await tracker.trackStage(correlationId, 'write', () => write(topic))
      const essay = await tracker.trackStage(correlationId, 'review', () => review(draft))
      tracker.completeRequest(correlationId)
      return c.json({ essay, correlationId })
    } catch (error) {
      tracker.failRequest(correlationId, error)
      return c.json({ error: String(error), correlationId }, 502)
    }
  })
}
