import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { LogSignal, SignalBatch } from '../signal.ts'
import { emptyTables } from '../testing/mergedState.ts'
import { beginStory } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { createRecorder } from './createRecorder.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'

let scratch: TestDatabase
let database: Database
beforeAll(async () => {
  scratch = await createTestDatabase()
  database = openDatabase(scratch.url)
})
afterAll(async () => {
  await database.close()
  await scratch.drop()
})
afterEach(() => emptyTables(scratch.sql))

const startMs = Date.now() - 60_000
const batchOf = (...logs: LogSignal[]): SignalBatch => ({ spans: [], logs, refusals: [] })
const created = () => {
  const story = beginStory(startMs)
  return { story, batch: batchOf(story.log('vividly.request.created', 0)) }
}

async function stored(): Promise<number> {
  const [row] = await scratch.sql<{ count: number }[]>`select count(*)::int from content_requests`
  return row?.count ?? 0
}

/** How many transactions wrote requests: what shares a statement shares its transaction. */
async function transactions(): Promise<number> {
  const [row] = await scratch.sql<{ count: number }[]>`select count(distinct xmin::text)::int from content_requests`
  return row?.count ?? 0
}

test('batches that come together share few statements, and each is acknowledged when it is there', async () => {
  const record = createRecorder(database)
  const many = Array.from({ length: 40 }, created)
  const seen = await Promise.all(
    many.map(async ({ story, batch }) => {
      await record(batch)
      return (await scratch.sql`select from content_requests where id = ${story.requestId}`).length
    }),
  )
  expect(seen).toEqual(many.map(() => 1))
  expect(await transactions()).toBeLessThan(10)
})

test('each batch hears of its own refusals only, and all are kept', async () => {
  const record = createRecorder(database, { lanes: 1 })
  const old = beginStory(startMs - 90 * 86_400_000)
  const far = beginStory(startMs + 3 * 86_400_000)
  const unread = { signal: 'span', reason: 'bad_trace_id', detail: 'here', payload: null } as const
  const answers = await Promise.all([
    record(created().batch),
    record(batchOf(old.log('vividly.request.created', 0), created().story.log('vividly.request.created', 0))),
    record(created().batch),
    record({ spans: [far.span('aaaaaaaaaaaaaaaa', 0, 1)], logs: [], refusals: [unread] }),
  ])
  expect(answers.map(({ refused }) => refused.map(({ reason }) => reason))).toEqual([
    [],
    ['too_old'],
    [],
    ['bad_trace_id', 'too_far_ahead'],
  ])
  expect(await stored()).toBe(3)
  const letters = await scratch.sql`select reason, payload ? 'sender' as says_sender from dead_letters order by reason`
  expect(letters).toEqual(
    ['bad_trace_id', 'too_far_ahead', 'too_old'].map((reason) => ({ reason, says_sender: reason === 'bad_trace_id' ? null : false })),
  )
})

test('a record that Postgres cannot store is its own sender’s matter', async () => {
  const record = createRecorder(database, { lanes: 1 })
  const poison = created().story.log('vividly.api_call', 1, {}, { message: 'NUL \u0000 inside' })
  const answers = await Promise.all([created().batch, created().batch, batchOf(poison), created().batch].map(record))
  expect(answers.map(({ refused }) => refused.map(({ reason }) => reason))).toEqual([[], [], ['unstorable'], []])
  expect(await stored()).toBe(3)
})

test('who waits for a lock that somebody keeps does not hold up the others', async () => {
  const record = createRecorder(database, { lanes: 1 })
  const kept = created()
  await record(kept.batch)
  const outcomes = await scratch.sql.begin(async (sql) => {
    await sql`select from content_requests where id = ${kept.story.requestId} for update`
    const more = batchOf(kept.story.log('vividly.request.started', 5))
    return Promise.allSettled([created().batch, more, created().batch].map(record))
  })
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await stored()).toBe(3)
})
