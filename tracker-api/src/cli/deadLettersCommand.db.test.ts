import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'
import { recordSignals } from '../store/recordSignals.ts'
import { beginStory } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const dayMs = 86_400_000

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

type Ended = { code: number | string; stdout: string; stderr: string }

function deadLetters(...args: string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const env = { PATH: process.env['PATH'], DATABASE_URL: scratch.url }
  execFile(process.execPath, [main, 'dead-letters', ...args], { env }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  )
  return promise
}

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await deadLetters(...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as unknown
}

test('what was refused is listed, and taken once its reason is mended', async () => {
  const old = beginStory(Date.now() - 50 * dayMs)
  const unreadable = { signal: 'span', reason: 'bad_trace_id', detail: 'spans[0]: traceId is missing', payload: { name: 'x' } } as const
  await recordSignals(database, {
    spans: [old.span('aaaaaaaaaaaaaaaa', 0, 900, { 'vividly.stage.name': 'validation' })],
    logs: [old.log('vividly.request.created', 0, { 'vividly.request.topic': 'Tides' })],
    refusals: [unreadable],
  })

  const { items } = (await json('list')) as { items: { id: string; reason: string; replayable: boolean; payload?: unknown }[] }
  expect(items.map(({ reason, replayable }) => `${reason} ${replayable}`).sort()).toEqual([
    'bad_trace_id false',
    'too_old true',
    'too_old true',
  ])
  expect(items.some((item) => 'payload' in item)).toBe(false)
  expect((await deadLetters('list', '--reason', 'too_old', '--payload')).stdout).toMatch(/too_old: vvd_.* is older[^]+Tides/)

  // Nothing is mended yet: refused again, and still there.
  expect(await json('replay', '--reason', 'too_old')).toEqual({ replayed: 0, refused: 2, passedOver: 0 })
  await scratch.sql`update partition_policies set keep = '60 days' where keep < '60 days'`
  expect(await json('replay', '--all')).toEqual({ replayed: 2, refused: 0, passedOver: 1 })
  expect(await json('replay', '--all')).toEqual({ replayed: 0, refused: 0, passedOver: 1 })

  const [request] = await scratch.sql`select topic, status from content_requests where id = ${old.requestId}`
  expect(request).toEqual({ topic: 'Tides', status: 'validating' })
  expect(await scratch.sql`select span_id from request_spans where request_id = ${old.requestId}`).toHaveLength(1)
  expect((await json('list')) as object).toMatchObject({ items: [{ reason: 'bad_trace_id' }] })
}, 60_000)

test('of several that are tried again the one that cannot be stored stays alone', async () => {
  await scratch.sql`delete from dead_letters`
  const stories = [beginStory(Date.now()), beginStory(Date.now()), beginStory(Date.now())]
  const letters = stories.map((story) => story.log('vividly.request.created', 0))
  for (const [i, letter] of letters.entries()) {
    const payload = i === 1 ? { ...letter, time_us: 'not a number' } : letter
    await scratch.sql`
      insert into dead_letters (signal, reason, payload) values ('log_record', 'unstorable', ${scratch.sql.json(payload)})`
  }
  const ids = (await scratch.sql<{ id: string }[]>`select id::text from dead_letters order by id`).map(({ id }) => id)
  expect(await json('replay', ...ids, '999999')).toEqual({ replayed: 2, refused: 1, passedOver: 1 })
  expect((await scratch.sql`select id::text from dead_letters`).map(({ id }) => id as string)).toEqual([ids[1]])
}, 60_000)

test.each([
  [['list', '--help'], 0, /--reason[^]+--limit[^]+--json/],
  [['replay', '--help'], 0, /\[id\.\.\.\][^]+--all[^]+--json/],
  [['replay'], 1, /say which/],
  [['replay', 'x'], 1, /must be a number/],
  [['list', '--limit', '0'], 1, /whole number/],
] as const)('%j ends with %i', async (args, code, says) => {
  const ended = await deadLetters(...args)
  expect(ended.code).toBe(code)
  expect(ended.stdout + ended.stderr).toMatch(says)
}, 60_000)
