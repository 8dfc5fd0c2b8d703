import { readFile, writeFile } from 'node:fs/promises'
import { createTestDatabase } from '@vividly/tracker-api/testing'
import type { TestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainCalls, planFile } from './explainCalls.ts'
import { openMonitoring } from './openMonitoring.ts'
import { readCalls } from './readCalls.ts'
import { seedRequests } from './seedRequests.ts'

let database: TestDatabase
let shapes: Map<string, string>
beforeAll(async () => {
  database = await createTestDatabase()
  await seedRequests(database.sql, { finished: 20_000, active: 1_000, days: 12, withEvents: 3_000 })
  const monitoring = openMonitoring(database.url)
  shapes = await explainCalls(database.sql, monitoring)
  await monitoring.close()
  if (process.env['UPDATE_PLANS'] !== undefined) {
    for (const [name, shape] of shapes) await writeFile(planFile(name), shape)
  }
}, 120_000)
afterAll(() => database.drop())

test.each(readCalls.map(({ name }) => name))('%s reaches its tables as it did when its plan was kept', async (name) => {
  // Deliberate? UPDATE_PLANS=1 vitest run --project db bench/queries/plans keeps the new one.
  expect(shapes.get(name)).toBe(await readFile(planFile(name), 'utf8'))
})

test.each(readCalls.map(({ name }) => name))('%s reads no partition from one end to the other', (name) => {
  expect(shapes.get(name)).not.toMatch(/^all of (content_requests|request_stages|request_events|request_spans)$/m)
})
