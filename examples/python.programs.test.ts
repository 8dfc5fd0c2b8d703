import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '@vividly/collector/freePorts'
import { startProgram } from '@vividly/collector/startProgram'
import type { RunningProgram } from '@vividly/collector/startProgram'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'

const run = promisify(execFile)
const folder = join(import.meta.dirname, 'python-fastapi')

let database: TestDatabase
let tracker: TrackerProcess
let service: RunningProgram
let url: string

beforeAll(async () => {
  const python = await getPython()
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
  const [port = 0] = await freePorts(1)
  url = `http://127.0.0.1:${port}`
  service = await startProgram({
    program: python,
    args: ['-m', 'uvicorn', 'app:app', '--app-dir', folder, '--host', '127.0.0.1', '--port', String(port)],
    env: { OTEL_SERVICE_NAME: 'essays', OTEL_EXPORTER_OTLP_ENDPOINT: tracker.url, PYTHONDONTWRITEBYTECODE: '1' },
    ready: `${url}/openapi.json`,
  })
}, 300_000)
afterAll(async () => {
  await service?.stop()
  await tracker?.stop()
  await database?.drop()
})

/** Python with the example's packages in an environment of its own, made once for each list of them. */
async function getPython(): Promise<string> {
  const requirements = join(folder, 'requirements.txt')
  const digest = createHash('sha256').update(await readFile(requirements)).digest('hex').slice(0, 12)
  const home = join(import.meta.dirname, '../.cache/python', digest)
  const python = join(home, 'bin/python')
  if (existsSync(join(home, 'complete'))) return python
  await rm(home, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', home])
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  await run(python, ['-c', `open(${JSON.stringify(join(home, 'complete'))}, 'w')`])
  return python
}

test.each([
  ['Tides', 200, { status: 'completed', error_message: null }],
  ['A volcano', 422, { status: 'failed', error_stage: 'validation', error_message: 'No volcanoes here' }],
])('%s: a Python service is tracked with nothing of ours installed', async (topic, status, outcome) => {
  const answer = await fetch(`${url}/videos`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ student: 's-1001', topic }),
  })
  expect(answer.status).toBe(status)
  const { correlation_id: id } = (await answer.json()) as { correlation_id: string }
  const ask = async () => (await fetch(`${tracker.url}/api/v1/monitoring/requests/${id}`)).json()
  await expect.poll(ask, { timeout: 15_000 }).toMatchObject({ ...outcome, correlation_id: id, topic, student_id: 's-1001' })
  const spans = async () => {
    const { items } = (await (await fetch(`${tracker.url}/api/v1/monitoring/requests/${id}/spans`)).json()) as { items: { name: string }[] }
    return items.map(({ name }) => name)
  }
  await expect.poll(spans, { timeout: 15_000 }).toContain('validation')
})
