import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../signal.ts'
import { digestOf } from './digestOf.ts'

const json = fc.jsonValue() as fc.Arbitrary<Json>

test('what is equal has one digest, in whatever order the keys of a map come', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (map) => {
      const reversed = Object.fromEntries(Object.entries(map).toReversed())
      expect(digestOf(reversed)).toBe(digestOf(map))
      expect(digestOf(structuredClone(map))).toMatch(/^[0-9a-f]{16}$/)
    }),
  )
})

test('lists have an order, and what only looks alike another digest', () => {
  const different: Json[] = [
    [], {}, '', '0', 0, 1, '1', true, 'true', null, 'null', [1, 2], [2, 1], [[1], 2], [1, [2]], ['12'], ['1', '2'], { a: 1 }, { a: '1' },
    { a: { b: 1 } }, { a: 1, b: 2 }, { a: 2, b: 1 }, { ab: 1 }, [{ a: 1 }, { b: 1 }], [{ b: 1 }, { a: 1 }], 'a', 'b', 'ab', 'ba', '\0', '\0\0',
  ]
  expect(new Set(different.map(digestOf)).size).toBe(different.length)
})

test('a hundred thousand contents that differ in a word have as many digests', () => {
  const digests = new Set(Array.from({ length: 100_000 }, (_, i) => digestOf(['worker', { attempt: i, at: `step ${i % 7}` }])))
  expect(digests.size).toBe(100_000)
})
