import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BYTES_OF_ANY_BODY, createByteBudget } from './createByteBudget.ts'
import type { HeldBytes } from './createByteBudget.ts'

test('what fits is let in, what does not is told so at once, what is released makes room', () => {
  const budget = createByteBudget(2 * BYTES_OF_ANY_BODY + 100)
  const first = budget.open()
  const second = budget.open()
  expect([first, second, budget.open()]).toEqual([expect.anything(), expect.anything(), undefined])
  expect(first?.growTo(100)).toBe(true)
  expect(second?.growTo(1)).toBe(false)
  first?.release()
  expect(second?.growTo(BYTES_OF_ANY_BODY + 100)).toBe(true)
  second?.release()
  expect(budget.heldBytes()).toBe(0)
})

test('whatever bodies do, they hold no more than the limit, and nothing once all are released', () => {
  const limitBytes = 4 * BYTES_OF_ANY_BODY
  const step = fc.oneof(
    fc.constant({ open: true }),
    fc.record({ at: fc.nat(9), growTo: fc.nat(3 * BYTES_OF_ANY_BODY) }),
    fc.record({ at: fc.nat(9), release: fc.constant(true) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const budget = createByteBudget(limitBytes)
      const held: HeldBytes[] = []
      for (const one of steps) {
        if ('open' in one) held.push(...[budget.open()].filter((opened) => opened !== undefined))
        else if ('growTo' in one) held[one.at]?.growTo(one.growTo)
        else held.splice(one.at, 1)[0]?.release()
        expect(budget.heldBytes()).toBeLessThanOrEqual(limitBytes)
      }
      for (const one of held) one.release()
      expect(budget.heldBytes()).toBe(0)
    }),
  )
})
