import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { newCorrelationId, traceIdOf } from '@vividly/instrumentation/identity'

export type Sent = { id: string; atMs: number; answeredMs: number }

/**
 * Tells of new requests at an even rate, each by a post of its own, however long those before it take: one change each.
 * Resolves with when each was sent, in Unix milliseconds, once all are answered.
 */
export async function changeAtRate(trackerUrl: string, perSecond: number, seconds: number): Promise<Sent[]> {
  const agent = new Agent({ keepAlive: true })
  const sent: Promise<Sent>[] = []
  const startedMs = performance.now()
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const dueMs = startedMs + (n * 1000) / perSecond
    await sleep(Math.max(0, dueMs - performance.now()))
    sent.push(post(`${trackerUrl}/v1/logs`, agent))
  }
  const all = await Promise.all(sent)
  agent.destroy()
  return all
}

function post(url: string, agent: Agent): Promise<Sent> {
  const nowMs = Date.now()
  const id = newCorrelationId(nowMs)
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const logRecord = {
    traceId: traceIdOf(id), timeUnixNano: `${nowMs}000000`, eventName: 'vividly.request.created',
    attributes: [
      attribute('user.id', 'student-1'), attribute('vividly.organization.id', 'org-1'),
      attribute('vividly.request.topic', 'Photosynthesis in Plants'), attribute('vividly.request.learning_objective', 'Understand it'),
    ],
  }
  const resource = { attributes: [attribute('service.name', 'bench')] }
  const body = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'bench' }, logRecords: [logRecord] }] }] })
  const atMs = performance.timeOrigin + performance.now()
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200) resolve({ id, atMs, answeredMs: performance.timeOrigin + performance.now() })
        else reject(new Error(`A post was answered ${answer.statusCode}`))
      })
    })
    call.on('error', reject).end(body)
  })
}
