import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextDelayMs } from './nextDelayMs.ts'
import { markRefusedUntil } from '../breakers/refusedUntil.ts'
import { toRetryPolicy } from './RetryOptions.ts'
import type { RetryOptions } from './RetryOptions.ts'

const NOW = 1_700_000_000_000
const next = (options: true | RetryOptions, error: unknown, attempt = 1) =>
  nextDelayMs(toRetryPolicy(options, undefined), error, attempt, NOW)
const busy = () => new Error('503')
const share = fc.double({ min: 0, max: 1, noNaN: true })
const milliseconds = fc.integer({ min: 0, max: 100_000 })

describe('nextDelayMs', () => {
  test('is a random share of the doubled first delay, never above the longest', () => {
    fc.assert(
      fc.property(share, milliseconds, milliseconds, fc.integer({ min: 1, max: 60 }), (random, initialDelayMs, maxDelayMs, attempt) => {
        const delayMs = next({ random: () => random, initialDelayMs, maxDelayMs, maxRetries: 100 }, busy(), attempt)
        const full = Math.min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1))
        expect(delayMs).toBe(Math.ceil(full * random))
      }),
    )
  })

  test('never cuts short what the other side asked for', () => {
    fc.assert(
      fc.property(share, fc.integer({ min: 0, max: 120 }), fc.constantFrom('seconds', 'date', 'property', 'fetch'), (random, seconds, how) => {
        const retryAfter = how === 'date' ? new Date(NOW + seconds * 1000).toUTCString() : String(seconds)
        const error =
          how === 'property'
            ? Object.assign(busy(), { retryAfterMs: seconds * 1000 })
            : Object.assign(busy(), {
                response: { headers: how === 'fetch' ? new Headers({ 'Retry-After': retryAfter }) : { 'Retry-After': retryAfter } },
              })
        expect(next({ random: () => random }, error)).toBeGreaterThanOrEqual(seconds * 1000)
      }),
    )
  })

  test('gives up after three retries, on an abort, and where the wait would be too long', () => {
    expect([1, 2, 3, 4].map((attempt) => next(true, busy(), attempt) !== undefined)).toEqual([true, true, true, false])
    expect(next(true, new DOMException('gone', 'AbortError'))).toBeUndefined()
    expect(next({ longestWaitMs: 1000 }, Object.assign(busy(), { retryAfterMs: 1001 }))).toBeUndefined()
    expect(next({ shouldRetry: () => false }, busy())).toBeUndefined()
  })

  test('waits an open breaker out, and does not ask one that never says when', () => {
    const known = busy()
    markRefusedUntil(known, NOW + 5000)
    expect(next(true, new Error('wrapped', { cause: known }))).toBeGreaterThanOrEqual(5000)
    const unknown = busy()
    markRefusedUntil(unknown, undefined)
    expect(next(true, unknown)).toBeUndefined()
  })

  test('takes options that make no sense for not given', () => {
    const odd = { maxRetries: -1, initialDelayMs: Number.NaN, maxDelayMs: Infinity, random: () => 7 }
    expect(next(odd, busy())).toBe(1000)
    fc.assert(fc.property(fc.anything(), (error) => void next(true, error)))
  })
})
