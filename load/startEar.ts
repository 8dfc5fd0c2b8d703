import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'

const HEARD_WITHIN_MS = 5_000
/** Remembered of those nobody asked for yet. */
const MAX_HEARD = 100_000

export type Ear = { url: string; close: () => Promise<void> }

/**
 * One reader of the live stream that k6, which can't read a stream as it comes, asks when a request was first heard of:
 * `GET /<correlation ID>` answers with Unix milliseconds once it was, with 404 when it was not within five seconds.
 */
export async function startEar(streamUrl: string): Promise<Ear> {
  const heardMs = new Map<string, number>()
  const waiting = new Map<string, ServerResponse>()
  const stream = await new Promise<IncomingMessage>((resolve, reject) => get(streamUrl, { agent: false }, resolve).on('error', reject))
  if (stream.statusCode !== 200) throw new Error(`The stream answered ${stream.statusCode}`)
  createInterface({ input: stream }).on('line', (line) => {
    const [, id] = /^data: .*"correlation_id":"([^"]+)"/.exec(line) ?? []
    if (id === undefined || heardMs.has(id)) return
    const nowMs = performance.timeOrigin + performance.now()
    waiting.get(id)?.end(String(nowMs))
    waiting.delete(id)
    if (heardMs.size >= MAX_HEARD) heardMs.clear()
    heardMs.set(id, nowMs)
  }).on('error', () => {})

  const server = createServer((request, response) => {
    const id = (request.url ?? '').slice(1)
    const atMs = heardMs.get(id)
    if (atMs !== undefined) {
      response.end(String(atMs))
      return
    }
    waiting.set(id, response)
    setTimeout(() => {
      if (waiting.delete(id)) response.writeHead(404).end()
    }, HEARD_WITHIN_MS).unref()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      stream.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
