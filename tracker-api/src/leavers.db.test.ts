import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { API_BASE } from './contract.ts'
import { createLogger } from './logger.ts'
import { openDatabase } from './store/database.ts'
import type { Database } from './store/database.ts'
import { createAccessToken, revokeAccessToken } from './store/access/accessTokens.ts'
import { startTracker } from './startTracker.ts'
import type { Tracker } from './startTracker.ts'
import { beginStory, exampleLogs, tell } from './testing/tellStory.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

const CALLS = Number(process.env['RUNS'] ?? 300)
let test_: TestDatabase
let database: Database
let tracker: Tracker
let token: { id: string; secret: string }

beforeAll(async () => {
  test_ = await createTestDatabase()
  database = openDatabase(test_.url)
  for (let n = 0; n < 60; n++) await tell(test_.sql, exampleLogs(beginStory(Date.now() - n * 1000)))
  token = await newToken()
  tracker = await start()
})
afterAll(async () => {
  await tracker?.stop()
  await database.close()
  await test_.drop()
})

const newToken = () =>
  createAccessToken(database.admin, { name: 'test', organization: 'north', scopes: ['read', 'read_personal'], days: 1 })
const start = () =>
  startTracker(
    { host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: test_.url, auth: 'tokens', logLevel: 'silent' },
    createLogger('silent'),
  )

/** Asks, and cuts the connection a while later. */
async function leave(path: string, afterMs: number): Promise<void> {
  const call = get(tracker.url + path, { agent: false, headers: { authorization: `Bearer ${token.secret}` } })
  const closed = new Promise<void>((resolve) => call.on('close', () => resolve()))
  call.on('error', () => {}).on('response', (answer) => answer.on('error', () => {}).resume())
  await sleep(afterMs)
  call.destroy()
  await closed
}

const spies = () => [vi.spyOn(console, 'error'), vi.spyOn(console, 'info'), vi.spyOn(process, 'emitWarning')]

test('who leaves, at whatever moment, breaks nothing and is no error of ours', { timeout: 60_000 }, async () => {
  const told = spies()
  const paths = ['/stream', '/requests', '/requests.csv', '/dashboard', '/stream?status=pending', '/trends'].map((path) => API_BASE + path)
  for (let n = 0; n < CALLS; n += 6) {
    await Promise.all(paths.map((path, of) => leave(path, ((n + of) * 7) % 43)))
  }
  await Promise.all(paths.map((path) => leave(path, 0)))
  const revoked = token
  token = await newToken()
  await revokeAccessToken(database.admin, revoked.id)
  await Promise.all(paths.map((path, n) => leave(path, n * 3)))
  await sleep(500)
  for (const spy of told) expect(spy.mock.calls).toEqual([])
  expect((await fetch(`${tracker.url}/healthz`)).status).toBe(200)
})

test('a tracker that stops while streams begin says nothing of it, and bids those farewell that began', { timeout: 60_000 }, async () => {
  const told = spies()
  for (let afterMs = 0; afterMs < 12; afterMs += 1) {
    const streams = Array.from({ length: 8 }, () =>
      fetch(`${tracker.url}${API_BASE}/stream`, { headers: { authorization: `Bearer ${token.secret}` } }).then(
        async (answer) => ({ status: answer.status, text: await answer.text() }),
        () => undefined,
      ),
    )
    await sleep(afterMs)
    await tracker.stop()
    const began = (await Promise.all(streams)).filter((stream) => stream?.status === 200)
    for (const stream of began) expect(stream?.text).toMatch(/^retry: \d+\n\n(.*\n)*event: bye\n/)
    tracker = await start()
  }
  for (const spy of told) expect(spy.mock.calls).toEqual([])
})
