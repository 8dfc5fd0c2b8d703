import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const outcome = fc.constantFrom('completed', 'failed', 'cancelled', null)
const organization = fc.constantFrom('a', 'b', null)
const write = fc.record({
  kind: fc.constantFrom('insert', 'update', 'delete', 'sumUp'),
  requests: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
  outcome,
  organization,
  // Across quarters, and before any today.
  endedMinutesAgo: fc.constantFrom(0, 7, 20, 600, 10_000),
  seconds: fc.nat(100),
})

test('what is noted and summed up is what a count of the requests gives, whatever is written in whatever order', async () => {
  const { sql } = database
  const figures = () => sql`
    select quarter, organization_id, sum(completed) as completed, sum(failed) as failed, sum(sum_seconds) as seconds
    from ended_by_quarter where quarter >= todays_begin(now()) group by 1, 2
    having sum(completed) <> 0 or sum(failed) <> 0 order by 1, 2`
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 12 }), async (writes) => {
      await sql`delete from content_requests`
      for (const { kind, requests, outcome, organization, endedMinutesAgo, seconds } of writes) {
        const ids = requests.map((n) => `00000000-0000-0000-0000-00000000000${n + 1}`)
        const at = new Date(Date.now() - endedMinutesAgo * 60_000)
        const [completedAt, failedAt] = [outcome === 'completed' ? at : null, outcome === 'failed' ? at : null]
        const took = outcome === null ? null : seconds
        if (kind === 'sumUp') await sql`select sum_up_ended()`
        else if (kind === 'delete') await sql`delete from content_requests where id = any (${ids}::uuid[])`
        else if (kind === 'insert') {
          await sql`
            insert into content_requests (id, organization_id, outcome, completed_at, failed_at, total_duration_seconds)
            select id, ${organization}, ${outcome}::request_status, ${completedAt}, ${failedAt}, ${took}
            from unnest(${ids}::uuid[]) id on conflict (id) do nothing`
        } else {
          await sql`
            update content_requests set organization_id = ${organization}, outcome = ${outcome}::request_status,
              completed_at = ${completedAt}, failed_at = ${failedAt}, total_duration_seconds = ${took}
            where id = any (${ids}::uuid[])`
        }
      }
      const kept = await figures()
      await sql`select make_ended_quarters()`
      expect(kept).toEqual(await figures())
    }),
    { numRuns: 60 },
  )
})
