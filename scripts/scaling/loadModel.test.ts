import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimate, predictedItemsPerSecond, REQUEST_SECONDS } from './loadModel.ts'
import type { Costs } from './measureCosts.ts'
import { putTables } from './putTables.ts'
import { toScalingTables } from './toScalingTables.ts'

const read = (file: string) => readFile(join(import.meta.dirname, file), 'utf8')
const measured = JSON.parse(await read('measured.json')) as Costs

test('docs/scaling.md has the tables that the model gives; else run `npm run scaling`', async () => {
  const page = await read('../../docs/scaling.md')
  expect(putTables(page, toScalingTables(measured))).toBe(page)
})

test('what the model says of another rate is near what was measured at it', () => {
  const { predictedCores, measuredCores } = measured.check
  expect(measuredCores / predictedCores).toBeGreaterThan(0.7)
  // Twice the load shares statements and commits, so it may take less, not more.
  expect(measuredCores / predictedCores).toBeLessThan(1.15)
})

test('no more was taken than the model says can be', () => {
  // The sender and others share the cores, so it can only be less.
  expect(measured.itemsPerSecond).toBeLessThan(1.1 * predictedItemsPerSecond(measured))
})

describe('whatever the load', () => {
  const load = fc.record({ requestsPerDay: fc.integer({ min: 1, max: 100_000_000 }), listeners: fc.integer({ min: 0, max: 10_000 }) })

  test('more of it never takes less of anything', () => {
    expect.hasAssertions()
    fc.assert(
      fc.property(load, load, (one, more) => {
        const [small, large] = [estimate(one, measured), estimate({ requestsPerDay: one.requestsPerDay + more.requestsPerDay, listeners: one.listeners + more.listeners }, measured)]
        for (const key of ['inFlight', 'trackerCores', 'postgresCores', 'diskGb', 'walMbPerSecond', 'streamMbPerSecond', 'dollarsPerMonth', 'trackers'] as const) {
          expect(large[key]).toBeGreaterThanOrEqual(small[key])
        }
      }),
    )
  })

  test('what is in flight is what Little’s law says', () => {
    fc.assert(
      fc.property(load, (each) => {
        const { inFlight, peakPerSecond } = estimate(each, measured)
        expect(inFlight).toBeCloseTo(peakPerSecond * REQUEST_SECONDS, 6)
      }),
    )
  })
})
