import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { inOrganization } from './access/inOrganization.ts'
import { CallerPool } from './CallerPool.ts'
import { Pool } from './Pool.ts'

/** Each answer of Postgres comes this much later. */
const LATER_MS = 350
const server = createServer((client) => {
  const to = new URL(inject('testServerUrl'))
  const upstream = connect(Number(to.port), to.hostname)
  client.on('error', () => {}).on('close', () => upstream.destroy()).pipe(upstream)
  upstream.on('error', () => {}).on('close', () => client.destroy())
  upstream.on('data', (bytes) => setTimeout(() => client.write(bytes), LATER_MS))
})
const stray = vi.fn()

beforeAll(async () => {
  process.on('unhandledRejection', stray)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  process.off('unhandledRejection', stray)
  server.close()
})

test('closing waits for a connection that is being opened, and leaves no rejection that nobody could await', async () => {
  const url = new URL(inject('testServerUrl'))
  url.port = String((server.address() as AddressInfo).port)
  const options = { name: 'test', maxConnections: 1, statementTimeoutMs: 5_000, deadlineMs: 8_000 }
  const all = new Pool(url.href, options)
  const pool = new CallerPool(url.href, options, all)
  const asked = inOrganization('north', () => pool.run('asking', (sql) => sql`select 1 as one`)).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, LATER_MS))
  await Promise.all([pool.close(), all.close()])
  await asked
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(stray).not.toHaveBeenCalled()
})
