import { createTestDatabase } from '@vividly/tracker-api/testing'
import type { TestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedRequests } from './seedRequests.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await seedRequests(database.sql, { finished: 1_000, active: 100, days: 3, withEvents: 50 })
})
afterAll(() => database.drop())

const fields = `id, status, current_stage, progress_percentage, created_at, started_at, completed_at, failed_at,
  cancelled_at, total_duration_seconds, outcome, error_message, error_stage, error_details, retry_count`

test('what is seeded is what the database derives from the same stages and claims', async () => {
  const { sql } = database
  const read = () => sql.unsafe(`select ${fields} from content_requests order by id`)
  const seeded = await read()
  await sql.begin(async (tx) => {
    await tx`select lock_requests(array(select id from content_requests))`
    await tx`select derive_requests(array(select id from content_requests))`
  })
  expect(await read()).toEqual(seeded)
  expect(new Set(seeded.map(({ status }) => status as string))).toEqual(
    new Set(['completed', 'failed', 'cancelled', 'validating', 'retrieving', 'generating_script', 'generating_video', 'processing_video', 'notifying']),
  )
})

test('hourly figures, events and spans are there', async () => {
  const [row] = await database.sql`
    select (select sum(total)::integer from request_metrics where organization_id is null and stage_name is null) as total,
      (select count(*)::integer from request_quarters) > 0 as has_quarters,
      (select count(distinct request_id)::integer from request_events) as with_events,
      (select count(*)::integer from request_spans) > 0 as has_spans`
  expect(row).toEqual({ total: 1_100, has_quarters: true, with_events: 150, has_spans: true })
})
