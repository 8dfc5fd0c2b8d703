import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRecorder } from '../../tracker-api/src/store/createRecorder.ts'
import { openDatabase } from '../../tracker-api/src/store/database.ts'
import type { Database } from '../../tracker-api/src/store/database.ts'
import { emptyTables } from '../../tracker-api/src/testing/mergedState.ts'
import { createTestDatabase } from '../../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../../tracker-api/src/testing/testDatabase.ts'
import { historyArbitrary } from './historyArbitrary.ts'
import type { History, Told } from './historyArbitrary.ts'
import { readStored } from './readStored.ts'
import { modelOf } from './referenceModel.ts'
import { retell } from './retell.ts'

/** `npm run test:convergence` tells ten thousand. */
const histories = Number(process.env['HISTORIES'] ?? 60)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const atOnce = 20

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

type Retelling = { told: Told[][]; isJson: boolean[] }

/** All in another order, some twice, cut into batches of either encoding. */
function retellingArbitrary(of: readonly History[]): fc.Arbitrary<Retelling> {
  const all = of.flatMap(({ told }) => told)
  return fc
    .tuple(
      fc.shuffledSubarray(all, { minLength: all.length }),
      fc.subarray(all),
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
    )
    .map(([shuffled, again, size, isJson]) => {
      const told = [...shuffled, ...again]
      return { told: Array.from({ length: Math.ceil(told.length / size) }, (_, i) => told.slice(i * size, (i + 1) * size)), isJson }
    })
}

test(`${histories} histories, in any order, twice, in either encoding, become what the reference model says`, async () => {
  console.log(`again the same: SEED=${seed} HISTORIES=${histories}`)
  const startMs = Date.now() - 60_000
  const record = createRecorder(database)
  const several = fc
    .tuple(...Array.from({ length: atOnce }, (_, number) => historyArbitrary(startMs, number)))
    .chain((of) => retellingArbitrary(of).map((retelling) => ({ of, retelling })))
  const seen = { signals: 0, statuses: new Set<string>() }
  await fc.assert(
    fc.asyncProperty(several, async ({ of, retelling: { told, isJson } }) => {
      await emptyTables(scratch.sql)
      const answers = await Promise.all(told.map((batch, i) => record(retell(batch, isJson[i % isJson.length] ?? false))))
      expect(answers.flatMap(({ refused }) => refused)).toEqual([])
      const stored = await readStored(scratch.sql, of.map(({ traceId }) => traceId))
      const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
      const expected = of.map(modelOf)
      expect(stored.sort(byId)).toEqual(expected.sort(byId))
      seen.signals += told.flat().length
      for (const { status } of expected) seen.statuses.add(status)
    }),
    { numRuns: Math.ceil(histories / atOnce), seed, endOnFailure: true },
  )
  console.log(`${histories} histories, ${seen.signals} signals told, states reached: ${[...seen.statuses].sort().join(', ')}`)
  // All ends and some states in between must have been among them.
  expect([...seen.statuses]).toEqual(expect.arrayContaining(['completed', 'failed', 'cancelled']))
  expect(seen.statuses.size).toBeGreaterThan(5)
}, 60_000 + histories * 60)
