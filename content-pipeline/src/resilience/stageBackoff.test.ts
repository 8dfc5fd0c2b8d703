import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProviderError } from './ProviderError.ts'
import { FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS, stageBackoff } from './stageBackoff.ts'

const failure = (waitMs: number) => ({ result: { error: new ProviderError('busy', { retryable: true, waitMs }) } })
const speeds = fc.double({ min: 0.1, max: 200, noNaN: true })

test('each delay lies between half and all of the doubled one, scaled by speed', () => {
  fc.assert(
    fc.property(speeds, fc.integer({ min: 1, max: 8 }), (speed, retries) => {
      let step = stageBackoff(speed).next(failure(0))
      for (let retry = 1; retry < retries; retry += 1) step = step.next(failure(0))
      const full = (Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (retries - 1)) * 1000) / speed
      expect(step.duration).toBeGreaterThanOrEqual(Math.floor(full / 2))
      expect(step.duration).toBeLessThanOrEqual(full)
    }),
  )
})

test('a wait that the provider asked for is never cut short', () => {
  fc.assert(
    fc.property(speeds, fc.integer({ min: 0, max: 120_000 }), (speed, waitMs) => {
      expect(stageBackoff(speed).next(failure(waitMs)).duration).toBeGreaterThanOrEqual(waitMs)
    }),
  )
})
