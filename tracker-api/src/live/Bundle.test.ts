import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bundle } from './Bundle.ts'
import type { Frame } from './Frame.ts'

const frame = (text: string): Frame => ({ key: text, text, cursor: undefined })

test('those who get the same frames get the same bytes', () => {
  const [a, b] = [frame('a'), frame('b')]
  const empty = Bundle.empty()
  expect(empty.with(a).with(b)).toBe(empty.with(a).with(b))
  expect(empty.with(a).with(b).chunk).toBe(empty.with(a).with(b).chunk)
  expect(empty.with(a).with(b)).not.toBe(empty.with(b).with(a))
})

test('a chunk says how many bytes it has, whatever the characters', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }), (texts) => {
      const bundle = texts.reduce((sum, text) => sum.with(frame(text)), Bundle.empty())
      const written = bundle.chunk.toString()
      const [, length = '', body = ''] = /^([0-9a-f]+)\r\n([^]*)\r\n$/.exec(written) ?? []
      expect(body).toBe(texts.join(''))
      expect(Number.parseInt(length, 16)).toBe(Buffer.byteLength(body))
    }),
  )
})
