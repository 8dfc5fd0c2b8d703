import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestList } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, tell } from '../testing/tellStory.ts'
import type { Story } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let app: Monitoring
beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

const sinceMs = Date.now() - 3_600_000
const create = (stories: Story[]) => tell(test_.sql, stories.map((story) => story.log('vividly.request.created', 0)))
/** Anywhere in the hour, several at the same millisecond. */
const drawn = (count: number) => Array.from({ length: count }, (_, index) => beginStory(sinceMs + ((index * 7_919) % 60) * 60_000))

test.each([1, 7, 50])('pages of %i show all that was there throughout exactly once, whatever comes meanwhile', async (limit) => {
  const there = drawn(120)
  await create(there)
  const shown: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const response = await app.request(`/requests?limit=${limit}&cursor=${cursor}&from=${new Date(sinceMs).toISOString()}`)
    const page = requestList.parse(await response.json())
    shown.push(...page.items.map(({ id }) => id))
    cursor = page.next_cursor
    if (shown.length % 5 === 0 && shown.length < 400) await create([...drawn(3), beginStory(Date.now())])
  }
  expect(new Set(shown).size).toBe(shown.length)
  for (const { requestId } of there) expect(shown).toContain(requestId)
})
