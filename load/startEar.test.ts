import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startEar } from './startEar.ts'

test('says when a request was first heard of, to who asks before and after', async () => {
  const opened = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1\n\n')
    opened.resolve(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ear = await startEar(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  try {
    const stream = await opened.promise
    const before = Date.now()
    const early = fetch(`${ear.url}/vvd_1_a`)
    const other = fetch(`${ear.url}/vvd_1_b`)
    stream.write('event: request\ndata: {"row":{"id":"1","correlation_id":"vvd_1_a"}}\n\n')
    const heardMs = Number(await (await early).text())
    expect(heardMs).toBeGreaterThanOrEqual(before)
    stream.write('event: request\ndata: {"row":{"id":"1","correlation_id":"vvd_1_a"}}\n\nevent: request\ndata: {"row":{"id":"2","correlation_id":"vvd_1_b"}}\n\n')
    expect(Number(await (await other).text())).toBeGreaterThanOrEqual(heardMs)
    expect(Number(await (await fetch(`${ear.url}/vvd_1_a`)).text())).toBe(heardMs)
  } finally {
    await ear.close()
    server.closeAllConnections()
    server.close()
  }
})
