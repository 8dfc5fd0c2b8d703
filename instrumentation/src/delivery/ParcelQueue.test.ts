import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GapLedger } from './GapLedger.ts'
import { PRIORITIES, SIGNALS, weightOf } from './Parcel.ts'
import type { Parcel } from './Parcel.ts'
import { ParcelQueue } from './ParcelQueue.ts'

const parcels = fc.array(
  fc.record({
    signal: fc.constantFrom(...SIGNALS),
    encoding: fc.constant('http/json' as const),
    priority: fc.constantFrom(...PRIORITIES),
    body: fc.integer({ min: 0, max: 2000 }).map((bytes) => Buffer.alloc(bytes)),
    tallies: fc.array(
      fc.record({
        traceId: fc.constantFrom('a', 'b', 'c', 'd'),
        records: fc.nat(9),
        spans: fc.nat(9),
        fromMs: fc.nat(99),
        toMs: fc.nat(99),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 60 },
)

it('keeps its bound, evicts the oldest of the lowest priority, and every loss is told exactly', () => {
  fc.assert(
    fc.property(parcels, fc.integer({ min: 0, max: 20_000 }), (pushed, maxBytes) => {
      const queue = new ParcelQueue()
      const ledger = new GapLedger(2)
      const waiting: Parcel[] = []
      const lost: Parcel[] = []
      for (const parcel of pushed) {
        queue.push(parcel)
        waiting.push(parcel)
        while (queue.bytes > maxBytes) {
          const evicted = queue.evict()
          const lowest = PRIORITIES.find((priority) => waiting.some((other) => other.priority === priority))
          expect(evicted).toBe(waiting.find(({ priority }) => priority === lowest))
          if (evicted === undefined) break
          waiting.splice(waiting.indexOf(evicted), 1)
          lost.push(evicted)
          ledger.add('memory_full', evicted.tallies)
        }
        expect(queue.bytes).toBe(waiting.reduce((sum, other) => sum + weightOf(other), 0))
        expect(queue.bytes).toBeLessThanOrEqual(maxBytes)
      }
      const gaps = ledger.take()
      for (const unit of ['records', 'spans'] as const) {
        const sum = (tallies: readonly Record<typeof unit, number>[]) =>
          tallies.reduce((total, tally) => total + tally[unit], 0)
        expect(sum(gaps)).toBe(sum(lost.flatMap(({ tallies }) => tallies)))
      }
      expect(gaps.length).toBeLessThanOrEqual(3)
      expect(ledger.isEmpty).toBe(true)
      const sent = SIGNALS.flatMap((signal) => queue.take(signal, Infinity))
      expect(sent).toHaveLength(waiting.length)
      expect(new Set(sent)).toEqual(new Set(waiting))
    }),
  )
})
