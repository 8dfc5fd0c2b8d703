import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { toAttributes, toPlain, toText } from './toPlain.ts'

it('leaves JSON as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const normal: unknown = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
        typeof item === 'string'
          ? item.toWellFormed()
          : typeof item === 'number' && !isCarried(item)
            ? String(item)
            : item,
      )
      expect(JSON.stringify(toPlain(value))).toBe(JSON.stringify(normal))
    }),
  )
})

const isCarried = (number: number): boolean => !Number.isInteger(number) || Number.isSafeInteger(number)

it('makes JSON of whatever it is given, and never throws', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
      (value) => {
        const text = JSON.stringify(toPlain(value))
        expect(['string', 'undefined']).toContain(typeof text)
      },
    ),
  )
})

it('says in words what it cannot carry', () => {
  const circle: Record<string, unknown> = {
    name: 'circle',
    at: new Date(0),
    bytes: new Uint8Array(3),
    big: 12n,
    nothing: undefined,
  }
  circle['self'] = circle
  Object.defineProperty(circle, 'broken', {
    enumerable: true,
    get() {
      throw new Error('getter')
    },
  })
  expect(toPlain(circle)).toEqual({
    name: 'circle',
    at: '1970-01-01T00:00:00.000Z',
    bytes: '[3 bytes]',
    big: '12',
    self: '[circular]',
    broken: '[unreadable]',
  })
  const hostile = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('proxy')
      },
    },
  )
  expect(toPlain(hostile)).toBe('[unreadable]')
  expect(toPlain([Number.NaN, 2 ** 60, new URL('http://a/b'), new Error('no')])).toEqual([
    'NaN',
    '1152921504606847000',
    'http://a/b',
    { type: 'Error', message: 'no' },
  ])
})

it('cuts what is too big', () => {
  expect(toText('x'.repeat(100_000))).toHaveLength(65_536)
  const list = toPlain(Array.from({ length: 5000 }, (_, index) => index))
  expect(list).toHaveLength(1000)
  expect((list as unknown[]).at(-1)).toBe('[more]')
  let deep: unknown = 'bottom'
  for (let level = 0; level < 10_000; level += 1) deep = { deep }
  expect(JSON.stringify(toPlain(deep))).toContain('[too deep]')
})

it('keeps the name __proto__ a mere name', () => {
  const plain = toPlain(JSON.parse('{"__proto__": {"polluted": true}}'))
  expect(JSON.stringify(plain)).toBe('{"__proto__":{"polluted":true}}')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

it('puts what is no map under value', () => {
  expect(toAttributes([1, 2])).toEqual({ value: [1, 2] })
  expect(toAttributes(undefined)).toEqual({})
})
