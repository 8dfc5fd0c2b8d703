import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rootSpanIdOf, traceIdOf } from '@vividly/instrumentation'
import * as semconv from '@vividly/instrumentation/semconv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'

const run = promisify(execFile)
const convention = await readFile(join(import.meta.dirname, '../docs/tracking-convention.md'), 'utf8')
const samplesOf = (language: string): string =>
  [...convention.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code).join('\n')
const missing = (...programs: string[]): string[] => programs.filter((program) => spawnSync(program, ['--version']).status !== 0)
const skipped = (programs: string[]): string => (programs.length > 0 ? ` (skipped: no ${programs.join(', ')} here)` : '')

let database: TestDatabase
let tracker: TrackerProcess
beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
})
afterAll(async () => {
  await tracker?.stop()
  await database?.drop()
})

test('names everything that travels, and nothing that does not', () => {
  // `vividly.a.b`, `.c` stands for vividly.a.b and vividly.a.c.
  const told = new Set<string>()
  for (const [, first = '', others = ''] of convention.matchAll(/`([a-z_.]+\.[a-z_]+)`((?:(?:,| or) `\.[a-z_]+`)*)/g)) {
    told.add(first)
    for (const [, last = ''] of others.matchAll(/`\.([a-z_]+)`/g)) told.add(`${first.slice(0, first.lastIndexOf('.'))}.${last}`)
  }
  const names = Object.entries(semconv)
    .filter(([key]) => /^(ATTR|EVENT)_/.test(key))
    .map(([, name]) => String(name))
  const examples: ReadonlySet<string> = new Set([semconv.EVENT_VALIDATION_PASSED, semconv.EVENT_NOTIFICATION_SENT, semconv.EVENT_PERFORMANCE])
  expect(names.filter((name) => !told.has(name) && !examples.has(name))).toEqual([])
  const ours = [...told].filter((name) => name.startsWith('vividly.') && name !== semconv.VIVIDLY_NAMESPACE)
  expect(ours.filter((name) => !names.includes(name))).toEqual([])
})

const noShell = missing('bash', 'curl', 'sha256sum')
test.skipIf(noShell.length > 0)(`its requests on the wire track a request${skipped(noShell)}`, async () => {
  const script = `set -eu\n${samplesOf('bash').replaceAll('http://127.0.0.1:4318', tracker.url)}\necho; echo "$cid"`
  const { stdout, stderr } = await run('bash', ['--norc', '-c', script], { env: { PATH: process.env['PATH'] } })
  expect(stderr).toBe('')
  const id = stdout.trim().split('\n').at(-1) ?? ''
  expect(stdout.trim()).toBe(`{}{}\n${id}`)
  const answer = await fetch(`${tracker.url}/api/v1/monitoring/requests/${id}`)
  expect(await answer.json()).toMatchObject({ status: 'completed', topic: 'Photosynthesis' })
  const [validation] = ((await (await fetch(`${tracker.url}/api/v1/monitoring/requests/${id}`)).json()) as { stages: unknown[] }).stages
  expect(validation).toMatchObject({ name: 'validation', status: 'completed', output_data: { permission: 'granted' } })
})

const noPython = missing('python3')
test.skipIf(noPython.length > 0)(`its identity in Python is the one in TypeScript${skipped(noPython)}`, async () => {
  const script = `${samplesOf('python')}\nfor _ in range(200):\n    cid = new_correlation_id()\n    print(cid, trace_id_of(cid), root_span_id_of(cid))`
  const { stdout } = await run('python3', ['-c', script])
  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(200)
  for (const line of lines) {
    const [id = ''] = line.split(' ')
    expect(line).toBe(`${id} ${traceIdOf(id)} ${rootSpanIdOf(id)}`)
  }
})
