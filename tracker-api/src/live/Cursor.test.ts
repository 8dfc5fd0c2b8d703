import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCursor, writeCursor } from './Cursor.ts'

test('a cursor is read as it was written', () => {
  const epoch = fc.stringMatching(/^[0-9a-f]{12}$/)
  fc.assert(
    fc.property(epoch, fc.bigInt(0n, 2n ** 64n - 1n), (epoch, xmin) => {
      const cursor = { epoch, xmin: String(xmin) }
      expect(parseCursor(writeCursor(cursor))).toEqual(cursor)
    }),
  )
})

test('what is read as a cursor is a number that Postgres takes, whatever came in', () => {
  const near = fc.tuple(fc.string(), fc.constantFrom('.', '', '..'), fc.bigInt()).map(([a, dot, n]) => `${a}${dot}${n}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      const cursor = parseCursor(text)
      return cursor === undefined || BigInt(cursor.xmin) < 2n ** 64n
    }),
  )
  for (const text of ['', '.', 'a.', '.1', 'a.-1', 'a.1e3', 'a.1.2', ' a.1', 'a.1\n', 'a.18446744073709551616', 'A.1']) {
    expect(parseCursor(text)).toBeUndefined()
  }
})
