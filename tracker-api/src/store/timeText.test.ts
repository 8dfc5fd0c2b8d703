import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toIsoUtc, toMs } from './timeText.ts'

/** As Postgres writes it: without zeros at the end of a fraction. */
const written = (us: number): string => {
  const fraction = String(us % 1_000_000).padStart(6, '0').replace(/0+$/, '')
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, 19).replace('T', ' ')}${fraction && `.${fraction}`}+00`
}

test('any time of four-digit years comes back, cut to the millisecond or whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), (us) => {
      expect(toIsoUtc(written(us))).toBe(new Date(Math.floor(us / 1000)).toISOString())
      expect(Math.round(toMs(written(us)) * 1000)).toBe(us)
    }),
  )
})
