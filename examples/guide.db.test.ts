import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startInstrumentation } from '@vividly/instrumentation'
import type { RunningInstrumentation } from '@vividly/instrumentation'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import { createApp } from './stranger/tracked.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const guide = await readFile(join(root, 'docs/integration-guide.md'), 'utf8')

type Sample = { name: string; code: string; runs: boolean }
const samples = guide.split(/^## /m).flatMap((part): Sample[] => {
  const section = part.split('\n')[0] ?? ''
  return [...part.matchAll(/^```ts( run)?\n([\s\S]*?)^```$/gm)].map(([, runs, code = ''], index) => ({
    name: `${section} ${index + 1}`,
    code,
    runs: runs !== undefined,
  }))
})

let database: TestDatabase
let tracker: TrackerProcess
/** Inside the repository, so that imports are found as a user's are. */
const folder = join(root, '.test-output/guide')
const fileOf = (index: number) => join(folder, `sample${index + 1}.ts`)

beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await Promise.all(samples.map(({ code }, index) => writeFile(fileOf(index), code)))
})
afterAll(async () => {
  await tracker?.stop()
  await database?.drop()
})

const register = join(root, 'instrumentation/src/register.ts')
const environment = () => ({ PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: tracker.url, OTEL_SERVICE_NAME: 'guide' })

test('every sample compiles', async () => {
  expect(samples.length).toBeGreaterThan(8)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] }))
  const complaints = await run(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
  expect(complaints).toBe('')
})

describe('every sample that can be run', () => {
  test.each(samples.map((sample, index) => ({ ...sample, index })).filter(({ runs }) => runs))('$name does what it says', async ({ index, code }) => {
    const { stdout, stderr } = await run(process.execPath, ['--import', register, fileOf(index)], { env: environment() })
    expect(stderr).toBe('')
    const id = /vvd_\d{13}_[0-9a-f]{8}/.exec(stdout)?.[0]
    expect(id !== undefined).toBe(code.includes('createRequest'))
    if (id === undefined) return
    const answer = await fetch(`${tracker.url}/api/v1/monitoring/requests/${id}`)
    expect(answer.status).toBe(200)
    const request = (await answer.json()) as { status: string; stages: { status: string; retry_count: number }[] }
    expect(request.stages.some(({ status }) => status === (code.includes('throw new RangeError') ? 'failed' : 'completed'))).toBe(true)
    expect(request.stages.some(({ retry_count }) => retry_count === 2)).toBe(code.includes('calls < 3'))
    expect(request.status === 'completed').toBe(code.includes('completeRequest'))
    expect(request.status === 'failed').toBe(code.includes('RangeError'))
  })
})

describe('a stranger’s service', () => {
  let instrumentation: RunningInstrumentation
  beforeAll(() => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = tracker.url
    instrumentation = startInstrumentation({ serviceName: 'essays' })
  })
  afterAll(() => instrumentation.shutdown())

  test('is tracked with few lines, from the guide alone', async () => {
    const lines = async (name: string) =>
      (await readFile(join(import.meta.dirname, 'stranger', name), 'utf8')).split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('/**'))
    const before = new Set(await lines('untracked.ts'))
    const added = (await lines('tracked.ts')).filter((line) => !before.has(line))
    console.log(`Lines added or changed to track a service of two stages: ${added.length}`)
    expect(added.length).toBeLessThanOrEqual(12)
  })

  test.each([
    ['Rivers', 200, 'completed'],
    ['A volcano', 502, 'failed'],
  ])('%s is seen from its creation to its end', async (topic, status, outcome) => {
    const answer = await createApp().request('/essays', { method: 'POST', body: JSON.stringify({ student: 's-7', topic }) })
    expect(answer.status).toBe(status)
    const { correlationId } = (await answer.json()) as { correlationId: string }
    await instrumentation.flush()
    const seen = await fetch(`${tracker.url}/api/v1/monitoring/requests/${correlationId}`)
    expect(await seen.json()).toMatchObject({ status: outcome, topic, student_id: 's-7', stages: [{ name: 'write' }, { name: 'review' }] })
  })
})
