import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
beforeAll(async () => {
  test_ = await createTestDatabase()
})
afterAll(() => test_.drop())

const numRuns = Number(process.env['RUNS'] ?? 60)
const durations = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 })
const quantile = fc.constantFrom(0, 0.01, 0.5, 0.9, 0.95, 0.99, 1)

test('a quantile of merged sketches is within 1 % of the exact one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(durations, { minLength: 1, maxLength: 4 }), quantile, async (parts, q) => {
      const sorted = parts.flat().toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? NaN
      const [row] = await test_.sql<{ estimate: number }[]>`
        select sketch_quantile(merge_sketches(array(
          select sketch_of(array(select jsonb_array_elements_text(part)::double precision))
          from jsonb_array_elements(${JSON.stringify(parts)}::text::jsonb) part
        )), ${q}) as estimate`
      expect(Math.abs((row?.estimate ?? NaN) - exact) / exact).toBeLessThanOrEqual(0.01)
    }),
    { numRuns },
  )
})

test('merging is associative and commutative, and the same as one sketch of all', async () => {
  await fc.assert(
    fc.asyncProperty(durations, durations, durations, async (a, b, c) => {
      const [row] = await test_.sql`
        with s as (
          select sketch_of(${a}::double precision[]) as a, sketch_of(${b}::double precision[]) as b,
            sketch_of(${c}::double precision[]) as c, sketch_of(${[...c, ...a, ...b]}::double precision[]) as whole
        )
        select merge_sketches(array[a, merge_sketches(array[b, c])]) = whole as right_first,
          merge_sketches(array[merge_sketches(array[c, a]), b]) = whole as left_first
        from s`
      expect(row).toEqual({ right_first: true, left_first: true })
    }),
    { numRuns },
  )
})

test('an empty sketch has no quantile, and what took no time counts as a millisecond', async () => {
  const [row] = await test_.sql`
    select sketch_quantile(sketch_of('{}'), 0.5) as none, sketch_quantile(sketch_of('{0}'), 0.5) as least`
  expect(row).toMatchObject({ none: null, least: expect.closeTo(0.001, 4) })
})
