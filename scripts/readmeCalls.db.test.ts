import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../tracker-api/src/config.ts'
import { startTracker } from '../tracker-api/src/startTracker.ts'

const run = promisify(execFile)
const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
/** README's shell blocks that call the tracker, in their order. */
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '').filter((text) => text.includes('curl'))
const routes = ['requests?', 'requests/$TRACE', '/events', 'dashboard', 'metrics?', 'circuit-breakers', 'stream', 'v1/logs', 'v1/traces']

let db: Awaited<ReturnType<typeof createTestDatabase>>
let tracker: Awaited<ReturnType<typeof startTracker>>
beforeAll(async () => {
  db = await createTestDatabase()
  const config = readConfig({ TRACKER_PORT: '0', TRACKER_OTLP_PORT: 'off', LOG_LEVEL: 'error' })
  tracker = await startTracker({ ...config, databaseUrl: db.url })
})
afterAll(async () => {
  await tracker.stop()
  await db.drop()
})

test.each([...routes, 'healthz', 'readyz', '8484/metrics'])('README has a call of %s', (route) => {
  expect(blocks.join('')).toContain(route)
})

/** A machine with only Node and npm may lack them; `docs/api.md` is called with fetch everywhere. */
const hasPrograms = ['curl', 'bash'].every((program) => spawnSync(program, ['--version']).status === 0)

test.skipIf(!hasPrograms)('every call in README works as it stands (skipped where there is no curl or bash)', async () => {
  const script = blocks
    .join('')
    .replaceAll(/http:\/\/127\.0\.0\.1:(8484|4318)/g, tracker.url)
    .replaceAll('curl -sS', 'echo; curl -sS --fail-with-body')
    // A stream ends by our time limit, which curl calls a failure.
    .replace(/--max-time 5 (\S+)/, '--max-time 1 $1 || [ $? -eq 28 ]')
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script])
  const said = stdout.replaceAll(' : ', ':')
  const wanted = ['"topic":"Photosynthesis"', '"status":"validating"', '"event_type":"stage_started"', 'event: hello', '# TYPE vividly_']
  expect(wanted.filter((text) => !said.includes(text))).toEqual([])
})
