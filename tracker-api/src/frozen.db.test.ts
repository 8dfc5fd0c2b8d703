import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newCorrelationId, traceIdOf } from '@vividly/instrumentation/identity'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from './embedded/embeddedPostgres.ts'
import type { EmbeddedPostgres } from './embedded/embeddedPostgres.ts'
import { startTrackerProcess } from './testing/trackerProcess.ts'
import type { TrackerProcess } from './testing/trackerProcess.ts'

const frozenMs = 5_000
/** Of an answer while the database is frozen, and of recovery after the thaw. */
const promisedMs = 3_000
/** More than the tracker has connections for ingest. */
const writers = 12

// A server of its own: the one that tests share must not be frozen.
let dataDir: string
let server: EmbeddedPostgres
let tracker: TrackerProcess
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vividly-frozen-'))
  server = await startEmbeddedPostgres({ dataDir })
  await migrate(server.databaseUrl)
  tracker = await startTrackerProcess(server.databaseUrl)
})
afterAll(async () => {
  await tracker?.stop()
  await server?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** The postmaster and all that it forked; frozen, it forks no more. */
async function processesOf(postmaster: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-e', '-o', 'pid=,ppid='])
  const pairs = stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return [postmaster, ...pairs.filter(([, parent]) => parent === postmaster).map(([pid = 0]) => pid)]
}

async function freeze(): Promise<() => void> {
  const postmaster = server.pid() ?? Number.NaN
  process.kill(postmaster, 'SIGSTOP')
  const all = await processesOf(postmaster)
  for (const pid of all) process.kill(pid, 'SIGSTOP')
  return () => all.toReversed().forEach((pid) => process.kill(pid, 'SIGCONT'))
}

type Answer = { traceId: string; status: number; retryAfter: string | null; sentMs: number; tookMs: number }

async function post(): Promise<Answer> {
  const now = Date.now()
  const traceId = traceIdOf(newCorrelationId(now))
  const record = { timeUnixNano: `${now}000000`, traceId, eventName: 'vividly.request.created' }
  const sentMs = performance.now()
  const response = await fetch(`${tracker.url}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }),
  })
  await response.arrayBuffer()
  const { status, headers } = response
  return { traceId, status, retryAfter: headers.get('retry-after'), sentMs, tookMs: performance.now() - sentMs }
}

async function readiness(): Promise<number> {
  return (await fetch(`${tracker.url}/readyz`)).status
}

test('before a frozen Postgres posts are 503 in time, readiness tells, and after the thaw all goes on', async () => {
  const answers: Answer[] = []
  let posting = true
  const writing = Array.from({ length: writers }, async () => {
    while (posting) {
      const answer = await post()
      answers.push(answer)
      await sleep(answer.status === 200 ? 20 : 100)
    }
  })
  await sleep(1_000)

  const thaw = await freeze()
  const frozenAtMs = performance.now()
  try {
    await expect.poll(readiness, { timeout: promisedMs, interval: 100 }).toBe(503)
    await sleep(frozenMs - (performance.now() - frozenAtMs))
  } finally {
    thaw()
  }
  const thawedAtMs = performance.now()
  await expect.poll(() => answers.some(({ status, sentMs }) => status === 200 && sentMs > thawedAtMs), {
    timeout: promisedMs,
    interval: 20,
  }).toBe(true)
  await expect.poll(readiness, { timeout: promisedMs, interval: 20 }).toBe(200)
  const recoveredMs = performance.now() - thawedAtMs
  posting = false
  await Promise.all(writing)

  const refused = answers.filter(({ status }) => status !== 200)
  const slowestMs = Math.max(...refused.map(({ tookMs }) => tookMs))
  console.log(`${answers.length} posts, ${refused.length} of them 503, the slowest after ${slowestMs.toFixed(0)} ms; well again ${recoveredMs.toFixed(0)} ms after the thaw`)
  expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(['503 1']))
  expect(slowestMs).toBeLessThan(promisedMs)
  expect(recoveredMs).toBeLessThan(promisedMs)

  const sql = postgres(server.databaseUrl, { max: 1 })
  const stored = new Set((await sql<{ trace_id: string }[]>`select trace_id from content_requests`).map((row) => row.trace_id))
  await sql.end()
  const missing = answers.filter(({ status, traceId }) => status === 200 && !stored.has(traceId))
  expect(missing).toEqual([])
}, 60_000)
