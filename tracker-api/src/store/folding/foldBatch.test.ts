import { traceIdOf } from '@vividly/instrumentation/identity'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SignalBatch } from '../../signal.ts'
import { retellingArbitrary, signalsArbitrary, toBatch } from '../../testing/signalArbitraries.ts'
import { foldBatch } from './foldBatch.ts'
import type { FoldedBatch } from './foldBatch.ts'

const startMs = 1_700_000_000_000
const traceId = traceIdOf(`vvd_${startMs}_a1b2c3d4`)
const stories = signalsArbitrary(traceId, startMs)

const fold = ({ spans, logs }: SignalBatch): FoldedBatch => foldBatch(spans, logs)

/** Without the order of rows, and which of those of one rank came first: the database decides. */
function unordered({ events, spans, breakers, ...rest }: FoldedBatch): unknown {
  const texts = (rows: readonly unknown[]): Set<string> => new Set(rows.map((row) => JSON.stringify(row)))
  return { ...rest, events: texts(events.flat()), spans: texts(spans.flat()), breakers: texts(breakers) }
}

test('a batch folds to the same rows in any order and with any of it twice', () => {
  fc.assert(
    fc.property(
      stories.chain((signals) => retellingArbitrary(signals).map((retelling) => ({ signals, retelling }))),
      ({ signals, retelling }) => {
        expect(unordered(fold(toBatch(retelling.flat())))).toEqual(unordered(fold(toBatch(signals))))
      },
    ),
    { numRuns: 500 },
  )
})

test('no list that one statement writes holds the same row twice', () => {
  fc.assert(
    fc.property(stories, (signals) => {
      const { events, spans, stages, claims } = fold(toBatch(signals))
      for (const rows of [events[0], spans[0], stages]) {
        const keys = rows.map((row) => JSON.stringify(row.slice(0, 2)))
        expect(new Set(keys).size).toBe(keys.length)
      }
      expect(claims.length).toBeLessThanOrEqual(1)
      const [[...rows], contested] = events
      for (const [, key] of contested) expect(rows.map(([, id]) => id)).toContain(key)
    }),
    { numRuns: 500 },
  )
})
