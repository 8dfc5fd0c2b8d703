import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toCsvLine } from './toCsvLine.ts'

test('quotes what would break a line or a field, and disarms formulas', () => {
  expect(toCsvLine(['a,b', 'say "x"', 'two\nlines', null, 1.5])).toBe('"a,b","say ""x""","two\nlines",,1.5\r\n')
  expect(toCsvLine(['=1+1', '@x', '-2', '+3', '\tx', '＝1'])).toBe(`'=1+1,'@x,'-2,'+3,'\tx,'＝1\r\n`)
})

test('any text comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = toCsvLine([text]).slice(0, -2)
      const read = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line
      expect([text, `'${text}`]).toContain(read)
      expect(/^[=+\-@\t\r\n]/.test(read)).toBe(false)
    }),
  )
})
