import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startOtlpSink } from './testing/startOtlpSink.ts'
import type { OtlpSink } from './testing/startOtlpSink.ts'

const program = fileURLToPath(new URL('testing/serveUntilKilled.ts', import.meta.url))
let sink: OtlpSink
let dir: string

beforeEach(async () => {
  sink = await startOtlpSink(503)
  dir = await mkdtemp(join(tmpdir(), 'spool-'))
})
afterEach(async () => {
  await sink.stop()
  await rm(dir, { recursive: true, force: true })
})

/** Runs the service with the spool until it has said what it began, and ends it by that signal. */
async function serveUntil(signal: 'SIGKILL' | 'SIGTERM', requests: number, spoolDir = dir) {
  const child = spawn(process.execPath, [program, String(requests)], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, VIVIDLY_SPOOL_DIR: spoolDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stderr = text(child.stderr)
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>
  child.kill(signal)
  const [, by] = await exit
  return { ids: JSON.parse(line.toString()) as string[], by, stderr: await stderr }
}

const begun = () =>
  sink.records.map(({ eventName, traceId, attributes }) => `${eventName} ${traceId} ${String(attributes['log.record.uid'])}`)

it('killed with -9 twice in an outage, loses no life-cycle record', { timeout: 30_000 }, async () => {
  for (const requests of [20, 10]) expect((await serveUntil('SIGKILL', requests)).ids).toHaveLength(requests)
  expect(sink.records).toEqual([])
  sink.mode = 'ok'
  const { by } = await serveUntil('SIGTERM', 0)
  expect(by).toBe('SIGTERM')
  const told = begun()
  expect(told.filter((event) => event.startsWith('vividly.request.created'))).toHaveLength(30)
  expect(told.filter((event) => event.startsWith('vividly.stage.started'))).toHaveLength(30)
  expect(new Set(told).size).toBe(told.length)
  expect(await readdir(join(dir, 'killed'))).toEqual([])
})

it('ended by SIGTERM in an outage, leaves all it has on disk and dies of the signal', { timeout: 30_000 }, async () => {
  const { by, stderr } = await serveUntil('SIGTERM', 5)
  expect(by).toBe('SIGTERM')
  expect(stderr.match(/vividly: /g)).toHaveLength(1)
  sink.mode = 'ok'
  await serveUntil('SIGTERM', 0)
  expect(sink.records.filter(({ eventName }) => eventName === 'vividly.request.created')).toHaveLength(5)
})

it('without a disk to write to, warns once and runs on', { timeout: 30_000 }, async () => {
  sink.mode = 'ok'
  const { stderr } = await serveUntil('SIGTERM', 5, join(process.execPath, 'no folder'))
  expect(stderr.match(/vividly: /g)).toHaveLength(1)
  expect(stderr).toMatch(/no spool can be had/)
  expect(sink.records.filter(({ eventName }) => eventName === 'vividly.request.created')).toHaveLength(5)
})
