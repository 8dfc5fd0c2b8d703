import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDeploymentNotes } from '../store/createDeploymentNotes.ts'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { deployments, organizations } from '../trendsContract.ts'

const HOUR_MS = 3_600_000
let test_: TestDatabase
let app: Monitoring
let database: Database
const errors: unknown[] = []

beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  database = openDatabase(test_.url)
})
afterAll(async () => {
  await app.close()
  await database.close()
  await test_.drop()
})

const readAll = async (query = '') => deployments.parse(await (await app.request(`/deployments${query}`)).json()).items
const worker = (version: string) => ({ service: 'worker', version })

test('a version is noted once an hour, the earliest and the latest of what replicas heard', async () => {
  const startMs = Date.now() - 5 * HOUR_MS
  let nowMs = startMs
  const one = createDeploymentNotes(database.ingest, (error) => errors.push(error), () => nowMs)
  const other = createDeploymentNotes(database.ingest, (error) => errors.push(error), () => nowMs - 60_000)
  for (let batch = 0; batch < 100; batch += 1) one.note([worker('1.0.0'), worker('1.0.0')], undefined)
  await one.stop()
  nowMs = startMs + HOUR_MS / 2
  one.note([worker('1.0.0'), worker('1.1.0')], undefined)
  await one.stop()
  nowMs = startMs + 2 * HOUR_MS
  one.note([worker('1.0.0')], undefined)
  await one.stop()
  nowMs = startMs
  other.note([worker('1.0.0')], undefined)
  other.note([worker('1.0.0')], 'north')
  await other.stop()
  expect(errors).toEqual([])
  const at = (ms: number) => new Date(ms).toISOString()
  expect(await readAll()).toEqual([
    { organization_id: null, ...worker('1.1.0'), first_seen_at: at(startMs + HOUR_MS / 2), last_seen_at: at(startMs + HOUR_MS / 2) },
    { organization_id: null, ...worker('1.0.0'), first_seen_at: at(startMs - 60_000), last_seen_at: at(startMs + 2 * HOUR_MS) },
    { organization_id: 'north', ...worker('1.0.0'), first_seen_at: at(startMs - 60_000), last_seen_at: at(startMs - 60_000) },
  ])
  expect((await readAll('?organization=north')).map(({ organization_id: of }) => of)).toEqual(['north'])
  expect(await readAll(`?to=${at(startMs - HOUR_MS)}`)).toEqual([])
  expect((await readAll('?limit=1')).map(({ version }) => version)).toEqual(['1.1.0'])
})

test('what could not be written is noted again, and a flood of versions fills no memory', async () => {
  const told: unknown[] = []
  const closed = openDatabase('postgres://nobody@127.0.0.1:1/none')
  const notes = createDeploymentNotes(closed.ingest, (error) => told.push(error))
  notes.note([worker('2.0.0')], undefined)
  await notes.stop()
  expect(told).toHaveLength(1)
  notes.note([worker('2.0.0')], undefined)
  await notes.stop()
  expect(told).toHaveLength(2)
  await closed.close()
  const flooded = createDeploymentNotes(database.ingest, (error) => errors.push(error))
  flooded.note(Array.from({ length: 6_000 }, (_, index) => ({ service: 'flood', version: String(index) })), undefined)
  await flooded.stop()
  const [row] = await test_.sql<{ count: number }[]>`select count(*)::int as count from deployments where service = 'flood'`
  expect(row?.count).toBe(5_000)
  expect(errors).toEqual([])
})

test('every organization that has a request is listed, whatever the number of requests', async () => {
  for (const organization of ['north', 'south', 'north', 'a “b”']) {
    await tell(test_.sql, exampleLogs(beginStory(Date.now() - 60_000), { 'vividly.organization.id': organization }))
  }
  const read = async (query: string) =>
    organizations.parse(await (await app.request(`/organizations${query}`)).json()).items.map(({ organization_id: name }) => name)
  expect(await read('')).toEqual((await read('')).toSorted())
  expect(new Set(await read(''))).toEqual(new Set(['a “b”', 'north', 'south']))
  expect(await read('?organization=south')).toEqual(['south'])
  expect(await read('?organization=nobody')).toEqual([])
  expect(await read('?limit=1')).toHaveLength(1)
})
