import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { traceIdOf } from '@vividly/instrumentation/identity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { API_BASE } from './contract.ts'
import { createLogger } from './logger.ts'
import { PortTaken } from './listen.ts'
import { startTracker } from './startTracker.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const log = createLogger('silent')

function configured(changes: Partial<Config> = {}): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    otlpPort: undefined,
    dataDir: '/nowhere',
    databaseUrl: database.url,
    logLevel: 'silent',
    ...changes,
  }
}

test('what is sent is durable when 200 comes, and bad records are dead letters', async () => {
  const tracker = await startTracker(configured(), log)
  const now = `${Date.now()}000000`
  const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), startTimeUnixNano: now, endTimeUnixNano: now }
  const attributes = [{ key: 'vividly.stage.name', value: { stringValue: 'validation' } }]
  const spans = [{ ...span, attributes }, { ...span, traceId: 'zz' }]
  const response = await fetch(`${tracker.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  })
  expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } })
  expect(await database.sql`select reason from dead_letters`).toMatchObject([{ reason: 'bad_trace_id' }])
  const detail = await fetch(`${tracker.url}${API_BASE}/requests/${'ab'.repeat(16)}`)
  expect(await detail.json()).toMatchObject({ trace_id: 'ab'.repeat(16) })
  expect((await fetch(`${tracker.url}/readyz`)).status).toBe(200)
  await tracker.stop()
})

test('a version that sends is a deployment soon after, and a request leads to its trace and logs', async () => {
  const links = { trace: 'https://jaeger.example/trace/{traceId}?at={fromMs}', logs: 'https://logs.example/?q={correlationId}&r={requestId}' }
  const tracker = await startTracker(configured({ links }), log)
  const createdMs = Date.now()
  const traceId = traceIdOf(`vvd_${createdMs}_0000abcd`)
  const named = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const resource = { attributes: [named('service.name', 'script-worker'), named('service.version', '2.3.1')] }
  const logRecords = [{ timeUnixNano: `${createdMs}000000`, eventName: 'vividly.request.created', traceId, attributes: [] }]
  await fetch(`${tracker.url}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
  })
  const deployments = async () => ((await (await fetch(`${tracker.url}${API_BASE}/deployments`)).json()) as { items: unknown[] }).items
  await expect.poll(deployments, { timeout: 5_000 }).toMatchObject([{ service: 'script-worker', version: '2.3.1', organization_id: null }])
  const detail = (await (await fetch(`${tracker.url}${API_BASE}/requests/${traceId}`)).json()) as { id: string; links: object }
  expect(detail.links).toEqual({
    trace: `https://jaeger.example/trace/${traceId}?at=${createdMs - 300_000}`,
    logs: `https://logs.example/?q=vvd_${createdMs}_0000abcd&r=${detail.id}`,
  })
  await tracker.stop()
})

test('a stop says bye to streams and is over within two seconds', async () => {
  const tracker = await startTracker(configured(), log)
  const stream = await fetch(`${tracker.url}${API_BASE}/stream`)
  const text = stream.text()
  const startedMs = performance.now()
  await Promise.all([tracker.stop(), tracker.stop()])
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  expect(await text).toMatch(/event: bye\ndata: .*"drain"/)
  await expect(fetch(`${tracker.url}/healthz`)).rejects.toThrow('fetch failed')
})

test('open streams are counted, and how long they wait for what is stored', async () => {
  const tracker = await startTracker(configured(), log)
  const scrape = async () => (await fetch(`${tracker.url}/metrics`)).text()
  expect(await scrape()).toMatch(/^vividly_stream_clients 0$/m)
  const cut = new AbortController()
  await fetch(`${tracker.url}${API_BASE}/stream`, { signal: cut.signal })
  expect(await scrape()).toMatch(/^vividly_stream_clients 1$/m)
  const now = `${Date.now()}000000`
  const span = { traceId: 'ac'.repeat(16), spanId: 'cd'.repeat(8), startTimeUnixNano: now, endTimeUnixNano: now }
  const attributes = [{ key: 'vividly.stage.name', value: { stringValue: 'validation' } }]
  await fetch(`${tracker.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, attributes }] }] }] }),
  })
  expect(await scrape()).toMatch(/^vividly_ingest_repeated_records_total\{signal="span"\} 0$/m)
  await expect.poll(scrape).toMatch(/^vividly_stream_delay_seconds_count(\{\})? 1$/m)
  cut.abort()
  await expect.poll(scrape).toMatch(/^vividly_stream_clients 0$/m)
  await tracker.stop()
})

test('a taken OTLP port is a warning, a taken page port the end', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo

  const tracker = await startTracker(configured({ otlpPort: port }), log)
  expect(tracker.otlpUrl).toBeUndefined()
  expect((await fetch(`${tracker.url}/healthz`)).status).toBe(200)
  await tracker.stop()

  await expect(startTracker(configured({ port }), log)).rejects.toThrow(PortTaken)
  other.close()
})

test('both ports serve the same', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port: otlpPort } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const tracker = await startTracker(configured({ otlpPort }), log)
  expect(tracker.otlpUrl).toBe(`http://127.0.0.1:${otlpPort}`)
  for (const url of [tracker.url, tracker.otlpUrl]) expect((await fetch(`${url}/readyz`)).status).toBe(200)
  await tracker.stop()
})
