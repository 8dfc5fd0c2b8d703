import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { App } from './app.ts'
import { listen, PortTaken } from './listen.ts'

test('a taken port is said in a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const listening = listen(new Hono(), '127.0.0.1', port)
  await expect(listening).rejects.toBeInstanceOf(PortTaken)
  await expect(listening).rejects.toThrow(`Cannot listen on 127.0.0.1, port ${port}: another program uses it`)
  other.close()
})

test('a stop lets what is under way end, and takes no more', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const app: App = new Hono()
  app.get('/slow', async (c) => {
    begin()
    await gate
    return c.text('done')
  })
  const listening = await listen(app, '127.0.0.1', 0)
  const answer = fetch(`${listening.url}/slow`).then((response) => response.text())
  await begun
  const stopped = listening.stop(5_000)
  await expect(fetch(`${listening.url}/slow`)).rejects.toThrow('fetch failed')
  open()
  expect(await answer).toBe('done')
  const startedMs = performance.now()
  await stopped
  expect(performance.now() - startedMs).toBeLessThan(2_000)
})

test('what does not end is cut', async () => {
  const app: App = new Hono()
  app.get('/never', () => new Promise<Response>(() => {}))
  const listening = await listen(app, '127.0.0.1', 0)
  const outcome = fetch(`${listening.url}/never`).then(
    () => 'answered',
    () => 'cut',
  )
  const { port } = new URL(listening.url)
  const silent = connect(Number(port), '127.0.0.1').on('error', () => {})
  await once(silent, 'connect')
  await listening.stop(100)
  expect(await outcome).toBe('cut')
  silent.destroy()
})

test('a head of 64 KiB is 431', async () => {
  const listening = await listen(new Hono(), '127.0.0.1', 0)
  const response = await fetch(listening.url, { headers: { 'x-long': 'x'.repeat(65_536) } })
  expect(response.status).toBe(431)
  await listening.stop(100)
})
