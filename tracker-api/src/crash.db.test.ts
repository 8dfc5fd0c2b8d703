import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newCorrelationId, traceIdOf } from '@vividly/instrumentation/identity'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from './embedded/embeddedPostgres.ts'
import type { EmbeddedPostgres } from './embedded/embeddedPostgres.ts'
import { startTrackerProcess } from './testing/trackerProcess.ts'
import type { TrackerProcess } from './testing/trackerProcess.ts'

/** More for a longer run: `CRASHES=100 npx vitest run --project db crash`. */
const crashes = Number(process.env['CRASHES'] ?? 6)
const recordsInBatch = 8

// A server of its own, with fsync on: the one that tests share must not be killed, and does without.
let dataDir: string
let server: EmbeddedPostgres
let tracker: TrackerProcess
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vividly-crash-'))
  server = await startEmbeddedPostgres({ dataDir })
  await migrate(server.databaseUrl)
  tracker = await startTrackerProcess(server.databaseUrl)
})
afterAll(async () => {
  await tracker.stop()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

type Batch = { traceId: string; body: string }

function makeBatch(): Batch {
  const now = Date.now()
  const traceId = traceIdOf(newCorrelationId(now))
  const logRecords = Array.from({ length: recordsInBatch }, (_, i) => ({
    timeUnixNano: `${now + i}000000`,
    traceId,
    spanId: traceId.slice(16),
    eventName: 'vividly.api_call',
    attributes: [{ key: 'log.record.uid', value: { stringValue: `record-${i}` } }],
  }))
  return { traceId, body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }) }
}

async function post(body: string): Promise<number> {
  try {
    const response = await fetch(`${tracker.url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(10_000),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    // The tracker died: nobody answered, so nothing was promised.
    return 0
  }
}

/** Resolves when posts are taken again. */
async function killPostgres(): Promise<void> {
  process.kill(server.pid() ?? Number.NaN, 'SIGKILL')
  while ((await post(makeBatch().body)) !== 200) await sleep(100)
}

test('kill -9 of the API and of Postgres under posts: nothing acknowledged is missing, nothing doubled', async () => {
  const acknowledged: string[] = []
  const answers = new Map<number, number>()
  let posting = true
  async function postUntilTold(): Promise<void> {
    while (posting) {
      const { traceId, body } = makeBatch()
      // As an exporter does: the same batch again until it is taken.
      for (let status = 0; posting && status !== 200; ) {
        status = await post(body)
        answers.set(status, (answers.get(status) ?? 0) + 1)
        if (status === 200) acknowledged.push(traceId)
        else await sleep(50)
      }
    }
  }
  const writers = Array.from({ length: 4 }, postUntilTold)

  for (let i = 0; i < crashes; i++) {
    await sleep(100 + Math.random() * 400)
    await (i % 2 === 0 ? tracker.killAndRestart() : killPostgres())
  }
  posting = false
  await Promise.all(writers)

  const sql = postgres(server.databaseUrl, { max: 1 })
  await expect.poll(() => sql`select 1`.then(() => 'up', () => 'down'), { timeout: 20_000, interval: 200 }).toBe('up')
  const stored = await sql<{ trace_id: string; records: number }[]>`
    select r.trace_id, count(e.id)::int as records
    from content_requests r left join request_events e on e.request_id = r.id
    group by r.trace_id`
  await sql.end()
  const recordsOf = new Map(stored.map((row) => [row.trace_id, row.records]))
  const broken = acknowledged.filter((traceId) => recordsOf.get(traceId) !== recordsInBatch)

  console.log(`${crashes} crashes, ${acknowledged.length * recordsInBatch} records acknowledged, answers by status`, answers)
  expect(acknowledged.length).toBeGreaterThan(crashes)
  expect(broken).toEqual([])
  // A batch is stored whole or not at all, also one whose answer got lost.
  expect([...recordsOf.values()].filter((records) => records !== recordsInBatch)).toEqual([])
  expect([...answers.keys()].filter((status) => ![0, 200, 503].includes(status))).toEqual([])
}, 120_000)
