import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

const DAY_MS = 86_400_000
let test_: TestDatabase
beforeAll(async () => {
  test_ = await createTestDatabase()
  await test_.sql`select ensure_partitions(now() - interval '1 day')`
})
afterAll(() => test_.drop())

test('who was not heard of is told of many as of each alone, whatever the day they began and the moment asked for', async () => {
  const stories = Array.from({ length: 24 }, (_, n) => beginStory(Date.now() - (n % 3) * (DAY_MS / 2) - 60_000))
  await tell(test_.sql, stories.map((story) => story.log('vividly.request.created', 0)))
  // What came of half of them came an hour ago.
  const early = stories.filter((_, n) => n % 2 === 0).map(({ requestId }) => requestId)
  await test_.sql`update request_events set received_at = now() - interval '1 hour' where request_id = any (${early}::uuid[])`
  // One of them in three was never heard of at all.
  const never = stories.filter((_, n) => n % 3 === 0).map(({ requestId }) => requestId)
  await test_.sql`delete from request_events where request_id = any (${never}::uuid[])`
  const ids = stories.map(({ requestId }) => requestId)
  const sinces = stories.map((_, n) => new Date(Date.now() - ([30, 90, 10][Math.floor(n / 4) % 3] ?? 0) * 60_000).toISOString())

  const [many] = await test_.sql<{ ids: string[] }[]>`select unheard_since(${ids}::uuid[], ${sinces}::timestamptz[]) as ids`
  const alone = await test_.sql<{ id: string }[]>`
    select a.id from unnest(${ids}::uuid[], ${sinces}::timestamptz[]) a (id, since) where not heard_since(a.id, a.since)`
  expect(many?.ids.toSorted()).toEqual(alone.map(({ id }) => id).toSorted())
  expect(alone.length).toBeGreaterThan(never.length)
  expect(alone.length).toBeLessThan(ids.length)
  const [none] = await test_.sql`select unheard_since('{}', '{}') as ids, unheard_since(null, null) as of_nothing`
  expect(none).toEqual({ ids: [], of_nothing: null })
})
