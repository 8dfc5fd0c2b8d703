import { createLogger } from '../../../tracker-api/src/logger.ts'
import { startTracker } from '../../../tracker-api/src/startTracker.ts'
import type { Tracker } from '../../../tracker-api/src/startTracker.ts'
import { createTestDatabase } from '../../../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../../../tracker-api/src/testing/testDatabase.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCanary } from './startCanary.ts'

let database: TestDatabase
let tracker: Tracker
beforeAll(async () => {
  database = await createTestDatabase()
  const config = { host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '', databaseUrl: database.url, logLevel: 'silent' } as const
  tracker = await startTracker(config, createLogger('silent'))
})
afterAll(async () => {
  await tracker.stop()
  await database.drop()
})

const scraped = async (url: string) => (await fetch(url)).text()

test('what arrives is seen, and counts in nobody’s success', async () => {
  const lost: unknown[] = []
  const target = async () => ({ otlpUrl: tracker.url, trackerUrl: tracker.url })
  const canary = await startCanary({ target, everyMs: 300, onLost: (error) => lost.push(error) })
  await expect.poll(() => scraped(canary.metricsUrl), { timeout: 10_000 }).toMatch(/^vividly_canary_requests_total\{result="seen"\} [3-9]$/m)
  expect(await scraped(canary.metricsUrl)).toMatch(/^vividly_canary_round_trip_seconds_count [3-9]$/m)
  await canary.stop()
  expect(lost).toEqual([])
  const stored = await database.sql<{ pipeline_name: string; status: string }[]>`select distinct pipeline_name, status from content_requests`
  expect(stored).toEqual([{ pipeline_name: 'canary', status: 'cancelled' }])
})

test('what does not arrive is lost, with where', async () => {
  const lost: Error[] = []
  const silent = await startTrackerThatForgets()
  const target = async () => ({ otlpUrl: silent.url, trackerUrl: tracker.url })
  const canary = await startCanary({ target, everyMs: 60_000, patienceMs: 500, onLost: (error) => lost.push(error as Error) })
  await expect.poll(() => scraped(canary.metricsUrl), { timeout: 5_000 }).toMatch(/^vividly_canary_requests_total\{result="lost"\} 1$/m)
  await canary.stop()
  silent.stop()
  expect(lost.map(({ message }) => message)).toEqual(['The canary did not hear of its request on the stream'])
})

async function startTrackerThatForgets() {
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => request.resume().on('end', () => response.end('{}')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, stop: () => server.close() }
}
