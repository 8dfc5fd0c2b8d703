import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startOtlpSink } from '../../../instrumentation/src/testing/startOtlpSink.ts'
import { createLogger } from '../logger.ts'
import { startTracker } from '../startTracker.ts'
import type { Tracker } from '../startTracker.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { startTracing } from './startTracing.ts'

const parent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
let sink: Awaited<ReturnType<typeof startOtlpSink>>
let database: TestDatabase
let tracker: Tracker

beforeAll(async () => {
  sink = await startOtlpSink()
  database = await createTestDatabase()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', sink.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  const stopTracing = startTracing(process.env)
  const config = { host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '', databaseUrl: database.url, logLevel: 'silent' } as const
  tracker = await startTracker(config, createLogger('silent'))
  const headers = { traceparent: `00-${parent.traceId}-${parent.spanId}-01` }
  await fetch(`${tracker.url}/api/v1/monitoring/requests?q=Jane%20Doe`, { headers })
  await fetch(`${tracker.url}/api/v1/monitoring/nothing-here`)
  await fetch(`${tracker.url}/healthz`)
  await fetch(`${tracker.url}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  await tracker.stop()
  await stopTracing()
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  await sink.stop()
  await database.drop()
})

test('a request is a server span under its caller’s, its query a client span under it', () => {
  const list = sink.spans.find(({ name }) => name === 'GET /api/v1/monitoring/requests')
  expect(list).toMatchObject({ traceId: parent.traceId, parentSpanId: parent.spanId })
  expect(list?.attributes).toMatchObject({ 'http.route': '/api/v1/monitoring/requests', 'http.response.status_code': 200 })
  expect(list?.resource['service.name']).toBe('vividly-tracker')
  const query = sink.spans.find(({ name }) => name === 'listing requests')
  expect(query).toMatchObject({ traceId: parent.traceId, parentSpanId: list?.spanId })
  expect(query?.attributes['db.system.name']).toBe('postgresql')
})

test('senders, too, can see what became of a post', () => {
  expect(sink.spans.map(({ name }) => name)).toContain('POST /v1/logs')
})

test('probes and the standing looks make no spans, and none tells what was searched for', () => {
  const names = sink.spans.map(({ name }) => name)
  expect(names.filter((name) => name.includes('healthz'))).toEqual([])
  expect(names.filter((name) => name === 'listing requests')).toHaveLength(1)
  expect(JSON.stringify(sink.spans)).not.toContain('Jane')
})

test('without a place to send to there is no tracing to stop', async () => {
  await expect(startTracing({})()).resolves.toBeUndefined()
})
