import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startBalancer } from './startBalancer.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

type Replica = { name: string; server: Server; address: string; isReady: boolean }

async function startReplica(name: string): Promise<Replica> {
  const replica: Replica = { name, server: createServer(), address: '', isReady: true }
  replica.server.on('request', (request, response) => {
    if (request.url === '/readyz') response.writeHead(replica.isReady ? 200 : 503).end()
    else if (request.url === '/stream') response.write(`data: ${name}\n\n`)
    else response.end(name)
  })
  replica.server.listen(0, '127.0.0.1')
  await once(replica.server, 'listening')
  replica.address = `127.0.0.1:${(replica.server.address() as AddressInfo).port}`
  stops.push(() => (replica.server.closeAllConnections(), replica.server.close()))
  return replica
}

async function balance(...replicas: Replica[]) {
  const balancer = await startBalancer(0, replicas.map(({ address }) => ({ address, healthUrl: `http://${address}/readyz` })))
  stops.push(balancer.stop)
  return balancer.url
}
const ask = async (url: string) => (await fetch(url, { headers: { Connection: 'close' } })).text()

test('connections are given to each in turn, and to the others when one is gone', async () => {
  const [a, b, c] = [await startReplica('a'), await startReplica('b'), await startReplica('c')]
  const url = await balance(a, b, c)
  const first = await Promise.all(Array.from({ length: 6 }, () => ask(url)))
  expect(first.sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  b.server.closeAllConnections()
  b.server.close()
  const then = await Promise.all(Array.from({ length: 6 }, () => ask(url)))
  expect(new Set(then)).toEqual(new Set(['a', 'c']))
})

test('a stream passes as it comes, and ends when its replica is no longer ready', async () => {
  const [a, b] = [await startReplica('a'), await startReplica('b')]
  const url = await balance(a, b)
  const stream = await fetch(`${url}/stream`)
  const reader = stream.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  const name = new TextDecoder().decode(value).slice(6, 7)
  const [serving, other] = name === 'a' ? [a, b] : [b, a]
  serving.isReady = false
  await expect(reader?.read()).rejects.toThrow('terminated')
  expect(await Promise.all([ask(url), ask(url), ask(url)])).toEqual([other.name, other.name, other.name])
})

test('with none left a client is turned away, not left waiting', async () => {
  const a = await startReplica('a')
  const url = await balance(a)
  a.server.closeAllConnections()
  a.server.close()
  await expect(ask(url)).rejects.toThrow('fetch failed')
})
