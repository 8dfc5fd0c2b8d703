/** What is kept of sketches must never show: whoever writes, an answer is the one of a reader that has kept nothing. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { Pool } from './Pool.ts'
import { readFigures } from './readFigures.ts'
import { createSketchStore } from './SketchStore.ts'

const HOUR_MS = 3_600_000
const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
const startMs = endMs - 30 * HOUR_MS
const stage = { 'vividly.stage.name': 'validation' }
const numRuns = Number(process.env['RUNS'] ?? 12)

let test_: TestDatabase
const pools: Pool[] = []
const connect = (): Pool => {
  const pool = new Pool(test_.url, { name: 'test', maxConnections: 1, statementTimeoutMs: 20_000, deadlineMs: 21_000, plansOnce: true })
  pools.push(pool)
  return pool
}
beforeAll(async () => {
  test_ = await createTestDatabase()
  for (const hours of [0, 24, 48]) await test_.sql`select ensure_partitions(${new Date(endMs - hours * HOUR_MS)})`
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()))
  await test_.drop()
})

const window = { fromUs: startMs * 1000, toUs: (endMs + HOUR_MS) * 1000 }

async function write(hour: number, seconds: number, organization: string | null): Promise<void> {
  const story = beginStory(startMs + hour * HOUR_MS)
  await tell(test_.sql, [
    story.log('vividly.request.created', 0, { 'vividly.organization.id': organization }),
    story.log('vividly.stage.started', 0, stage),
    story.log('vividly.stage.completed', seconds * 1000, stage),
    story.log('vividly.request.completed', seconds * 1000 + 1),
  ])
  await test_.sql`select refresh_request_metrics(1000)`
}

const step = fc.oneof(
  fc.record({ hour: fc.integer({ min: 0, max: 29 }), seconds: fc.integer({ min: 1, max: 900 }), organization: fc.constantFrom('north', 'south', null) }),
  fc.constantFrom('merge', 'unmerge', 'move' as const),
)

test('two replicas that keep sketches answer as one that keeps none, whatever is written in between', async () => {
  const replicas = [connect(), connect()]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.constantFrom('hour', 'day', 'all' as const), async (steps, by) => {
      for (const [n, one] of steps.entries()) {
        if (one === 'merge') await test_.sql`select make_request_periods(100)`
        else if (one === 'unmerge') await test_.sql`delete from request_periods`
        // Rows go to other places, their versions stay.
        else if (one === 'move') await test_.sql`vacuum full request_quarters, request_periods`
        else await write(one.hour, one.seconds, one.organization)
        for (const organization of [undefined, 'north']) {
          const kept = await Promise.all(replicas.map((pool) => readFigures(pool, { ...window, organization }, by, 'UTC')))
          const nothingKept = connect()
          const fresh = await readFigures(nothingKept, { ...window, organization }, by, 'UTC')
          await nothingKept.close()
          expect(kept, `after step ${n}`).toEqual([fresh, fresh])
        }
      }
    }),
    { numRuns },
  )
}, 120_000)

test('what was not asked for longest is forgotten first', () => {
  const store = createSketchStore(2)
  const sketch = { buckets: [1], counts: [1] }
  store.set('a', sketch)
  store.set('b', sketch)
  store.get('a')
  store.set('c', sketch)
  expect(['a', 'b', 'c'].filter((key) => store.get(key) !== undefined)).toEqual(['a', 'c'])
})
