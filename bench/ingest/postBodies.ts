import { Agent, request } from 'node:http'
import type { Body } from './makeWorkload.ts'

/** Posts all bodies, `clients` at a time on connections that stay, each until it is taken. Throws for any other answer than 200, 202, 429, 503. */
export async function postBodies(url: string, bodies: readonly Body[], clients: number): Promise<{ latenciesMs: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const latenciesMs: number[] = []
  let next = 0
  async function client(): Promise<void> {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      const startedMs = performance.now()
      for (let status = 0; status !== 200 && status !== 202; ) {
        status = await post(url, body, agent)
        if (![200, 202, 429, 503].includes(status)) throw new Error(`The tracker answered ${status} to ${body.path}`)
      }
      latenciesMs.push(performance.now() - startedMs)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  agent.destroy()
  return { latenciesMs: latenciesMs.sort((a, b) => a - b) }
}

function post(url: string, { path, type, body }: Body, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = { 'content-type': type, 'content-length': body.length }
  const sent = request(url + path, { method: 'POST', headers, agent }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0))
  })
  sent.on('error', reject).end(body)
  return promise
}
