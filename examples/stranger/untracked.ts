import { Hono } from 'hono'

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

/** Somebody's service, which has never heard of the tracker: writes an essay and has it reviewed. */
export function createApp(): Hono {
  return new Hono().post('/essays', async (c) => {
    const { topic } = await c.req.json<{ student: string; topic: string }>()
    const draft = await write(topic)
    const essay = await review(draft)
    return c.json({ essay })
  })
}
