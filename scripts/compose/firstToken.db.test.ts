import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../tracker-api/src/config.ts'
import { startTracker } from '../../tracker-api/src/startTracker.ts'

let folder: string
let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vividly-compose-'))
  database = await createTestDatabase()
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await database?.drop()
})

test('makes one token, which a tracker that others can reach takes, and says it again at each start', async () => {
  const environment = { DATABASE_URL: database.url, TRACKER_HOST: '127.0.0.1', TRACKER_AUTH: 'tokens', TRACKER_PORT: '0', TRACKER_OTLP_PORT: 'off', LOG_LEVEL: 'silent' }
  const script = join(import.meta.dirname, 'firstToken.ts')
  const run = () => promisify(execFile)(process.execPath, [script, join(folder, 'token')], { env: { ...process.env, ...environment } })
  const first = await run()
  const second = await run()
  const secret = await readFile(join(folder, 'token'), 'utf8')
  expect(secret).toMatch(/^vvdt_\S+$/)
  expect(first.stdout).toContain(secret)
  expect(second.stdout).toBe(first.stdout)

  const tracker = await startTracker(readConfig(environment))
  const ask = async (headers: Record<string, string>) => (await fetch(`${tracker.url}/metrics`, { headers })).status
  expect(await ask({})).toBe(401)
  expect(await ask({ Authorization: `Bearer ${secret}` })).toBe(200)
  await tracker.stop()
}, 60_000)
