import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { traceIdOf } from '@vividly/instrumentation/identity'
import { emptyTables, mergedState } from '../testing/mergedState.ts'
import { retellingArbitrary, signalsArbitrary, toBatch } from '../testing/signalArbitraries.ts'
import type { AnySignal } from '../testing/signalArbitraries.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { recordSignals } from './recordSignals.ts'

let test_: TestDatabase
let database: Database
beforeAll(async () => {
  test_ = await createTestDatabase()
  database = openDatabase(test_.url)
})
afterAll(async () => {
  await database.close()
  await test_.drop()
})

/** More for a longer search: `RUNS=2000 npx vitest run --project db recordSignals`. */
const numRuns = Number(process.env['RUNS'] ?? 60)
const startMs = Date.now()
const ours = traceIdOf(`vvd_${startMs}_a1b2c3d4`)
const foreign = 'c1d17ab0000000000000000000000001'

async function tell(signals: readonly AnySignal[]): Promise<void> {
  expect(await recordSignals(database, toBatch(signals))).toEqual({ refused: [] })
}

const stories = (traceId: string): fc.Arbitrary<{ signals: AnySignal[]; retelling: AnySignal[][] }> =>
  signalsArbitrary(traceId, startMs).chain((signals) =>
    retellingArbitrary(signals).map((retelling) => ({ signals, retelling })),
  )

test.each([
  ['one of ours', ours],
  ['a foreign trace', foreign],
])('any order, duplication and split of the signals of %s gives identical rows', async (_, traceId) => {
  await fc.assert(
    fc.asyncProperty(stories(traceId), async ({ signals, retelling }) => {
      await emptyTables(test_.sql)
      await tell(signals)
      const once = await mergedState(test_.sql)
      expect(once).toMatchObject({ requests: [{ status: expect.any(String) }] })

      await emptyTables(test_.sql)
      for (const batch of retelling) await tell(batch)
      expect(await mergedState(test_.sql)).toEqual(once)
    }),
    { numRuns },
  )
})

test('batches from many connections at once give the rows of one batch', async () => {
  await fc.assert(
    fc.asyncProperty(stories(ours), async ({ signals, retelling }) => {
      await emptyTables(test_.sql)
      await tell(signals)
      const once = await mergedState(test_.sql)

      await emptyTables(test_.sql)
      await Promise.all(retelling.map(tell))
      expect(await mergedState(test_.sql)).toEqual(once)
    }),
    { numRuns },
  )
})

test('a repeated batch leaves every version as it was', async () => {
  await fc.assert(
    fc.asyncProperty(signalsArbitrary(ours, startMs), async (signals) => {
      await emptyTables(test_.sql)
      await tell(signals)
      const [before] = await test_.sql`select id, version from content_requests`
      await tell(signals)
      expect((await test_.sql`select id, version from content_requests`)[0]).toEqual(before)
    }),
    { numRuns },
  )
})
