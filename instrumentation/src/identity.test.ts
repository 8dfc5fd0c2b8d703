import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  correlationIdOf,
  newCorrelationId,
  parseIdentity,
  requestIdOf,
  rootSpanIdOf,
  traceIdOf,
  traceparentOf,
} from './identity.ts'

const timeMs = fc.integer({ min: 0, max: 9_999_999_999_999 })
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
const correlationId = fc.tuple(timeMs, uint32).map(([ms, random]) => newCorrelationId(ms, () => random))
const traceIdAtRandom = hex(32).filter((id) => !/^0+$/.test(id))

describe('identities of ours', () => {
  it.each([
    ['vvd_1709234567890_a1b2c3d4', 'c1d17092345678900d601345a1b2c3d4'],
    ['vvd_1761647400000_00000000', 'c1d17616474000009d48f80000000000'],
    ['vvd_9999999999999_ffffffff', 'c1d99999999999995bc9b32effffffff'],
  ])('%s is trace %s', (cid, traceId) => {
    expect(traceIdOf(cid)).toBe(traceId)
    expect(correlationIdOf(traceId)).toBe(cid)
  })

  it('spells all of one identity', () => {
    expect(parseIdentity('vvd_1709234567890_a1b2c3d4')).toEqual({
      correlationId: 'vvd_1709234567890_a1b2c3d4',
      traceId: 'c1d17092345678900d601345a1b2c3d4',
      requestId: 'c1d17092-3456-7890-0d60-1345a1b2c3d4',
      rootSpanId: '0d601345a1b2c3d4',
      createdAtMs: 1_709_234_567_890,
      ours: true,
    })
    expect(traceparentOf('vvd_1709234567890_a1b2c3d4')).toBe(
      '00-c1d17092345678900d601345a1b2c3d4-0d601345a1b2c3d4-01',
    )
  })

  it('reads every spelling as the same identity, in either case', () => {
    fc.assert(
      fc.property(correlationId, (cid) => {
        const identity = parseIdentity(cid)
        expect(identity?.correlationId).toBe(cid)
        expect(identity?.ours).toBe(true)
        for (const spelling of [
          traceIdOf(cid),
          requestIdOf(cid),
          traceIdOf(cid).toUpperCase(),
          ` ${cid}\n`,
        ]) {
          expect(parseIdentity(spelling)).toEqual(identity)
        }
      }),
    )
  })

  it('keeps the time, sorts by it, and never has an all-zero root span ID', () => {
    fc.assert(
      fc.property(timeMs, timeMs, uint32, (a, b, random) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((ms) => newCorrelationId(ms, () => random))
        expect(parseIdentity(String(early))?.createdAtMs).toBe(Math.min(a, b))
        expect(requestIdOf(String(early)) <= requestIdOf(String(late))).toBe(true)
        expect(rootSpanIdOf(String(early))).not.toMatch(/^0+$/)
      }),
    )
  })

  it('draws again where the root span ID would be all zero', () => {
    const draws = [0, 7]
    expect(newCorrelationId(1_770_274_918_853, () => draws.shift() ?? 8)).toBe('vvd_1770274918853_00000007')
    expect(parseIdentity('vvd_1770274918853_00000000')).toBeUndefined()
    expect(parseIdentity('c1d17702749188530000000000000000')?.ours).toBe(false)
  })

  it('draws by itself, differently each time', () => {
    const drawn = new Set(Array.from({ length: 1000 }, () => newCorrelationId(1_761_647_400_000)))
    expect(drawn.size).toBe(1000)
  })

  it.each([-1, 10_000_000_000_000, Number.NaN, Infinity])('refuses the time %s', (ms) => {
    expect(() => newCorrelationId(ms)).toThrow(RangeError)
  })
})

describe('foreign identities', () => {
  it('gives c1e to a foreign trace that looks like a time', () => {
    expect(parseIdentity('c1d17ab0000000000000000000000001')).toEqual({
      correlationId: 'c1e17ab0000000000000000000000001',
      traceId: 'c1d17ab0000000000000000000000001',
      requestId: 'c1e17ab0-0000-0000-0000-000000000001',
      rootSpanId: '0000000000000001',
      ours: false,
    })
  })

  it('keeps c1d where no digit follows', () => {
    expect(requestIdOf('c1da0000000000000000000000000001')).toBe('c1da0000-0000-0000-0000-000000000001')
  })

  it('treats one wrong check digit as foreign', () => {
    const traceId = 'c1d17092345678900d601346a1b2c3d4'
    expect(parseIdentity(traceId)).toMatchObject({
      traceId,
      ours: false,
      requestId: 'c1e17092-3456-7890-0d60-1346a1b2c3d4',
    })
  })

  it('is its trace ID with and without hyphens, and no request ID of it holds a time', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          traceIdAtRandom,
          hex(28).map((rest) => `c1d7${rest}`),
        ),
        (traceId) => {
          const identity = parseIdentity(traceId)
          expect(identity?.traceId).toBe(traceId)
          expect(identity?.requestId.replaceAll('-', '')).toBe(identity?.correlationId)
          expect(identity?.requestId).not.toMatch(/^c1d\d/)
          expect(identity?.rootSpanId).not.toMatch(/^0+$/)
          expect(parseIdentity(String(identity?.requestId))?.requestId).toBe(identity?.requestId)
        },
      ),
    )
  })

  it('has a parent even where the low half is all zero', () => {
    expect(rootSpanIdOf('0af76519000000000000000000000000')).toBe('0af7651900000000')
  })
})

it.each([
  '',
  'vvd_1_a',
  'vvd_1709234567890_a1b2c3d',
  '0'.repeat(32),
  'c1d17092-34567890-0d60-1345-a1b2c3d4',
  'x'.repeat(32),
])('names no request: %j', (text) => {
  expect(parseIdentity(text)).toBeUndefined()
  expect(() => traceIdOf(text)).toThrow(/names no request/)
})

it('is never thrown off by what it is given', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(parseIdentity(value as string) === undefined || typeof value === 'string').toBe(true)
    }),
  )
})
