import { RequestTracker, newCorrelationId } from '@vividly/instrumentation'
import { isBrokenCircuitError } from 'cockatiel'
import { describe, expect, test } from 'vitest'
import { createProviderBreaker } from './createProviderBreaker.ts'
import { ProviderError } from './ProviderError.ts'
import { retryProviders } from './retryProviders.ts'

const SPEED = 2000
const busy = () => new ProviderError('Gemini answered 503', { retryable: true })

/** As a worker runs a stage; the SDK is off, which retries don't depend on. */
function runStage<T>(work: () => Promise<T>): Promise<T> {
  const id = newCorrelationId(Date.now())
  return new RequestTracker().trackStage(id, 'script_generation', work, { retry: retryProviders(SPEED) })
}

describe('retryProviders', () => {
  test('tries what may heal four times', async () => {
    let calls = 0
    const work = () => {
      calls += 1
      return Promise.reject(busy())
    }
    await expect(runStage(work)).rejects.toThrow('Gemini answered 503')
    expect(calls).toBe(4)
  })

  test.each([new ProviderError('bad prompt', { retryable: false }), new TypeError('our own fault')])(
    '%s is not retried',
    async (error) => {
      let calls = 0
      const work = async () => {
        calls += 1
        throw error
      }
      await expect(runStage(work)).rejects.toBe(error)
      expect(calls).toBe(1)
    },
  )
})

describe('createProviderBreaker', () => {
  test('opens after three failures in a row, says so, waits its time out and recovers', async () => {
    const breaker = createProviderBreaker('gemini', 'Gemini', SPEED)
    let calls = 0
    const failing = () => {
      calls += 1
      return Promise.reject(busy())
    }
    for (let call = 0; call < 3; call += 1) await expect(breaker.execute(failing)).rejects.toThrow('503')
    const refused = await breaker.execute(failing).catch((error: unknown) => error)
    expect(calls).toBe(3)
    expect(refused).toSatisfy((error: ProviderError) => error.retryable && isBrokenCircuitError(error.cause))
    expect(refused).toHaveProperty('message', 'Gemini circuit breaker is open (last failure: Gemini answered 503)')
    // 60 s at speed 2000 are 30 ms; the retry waits them instead of asking in vain.
    let tries = 0
    const work = () => {
      tries += 1
      return breaker.execute(async () => 'back')
    }
    expect(await runStage(work)).toBe('back')
    expect(tries).toBeLessThanOrEqual(2)
  })

  test('while it is open no attempt is spent on it: one request outlives an outage of two openings', async () => {
    const breaker = createProviderBreaker('gemini', 'Gemini', SPEED)
    for (let call = 0; call < 2; call += 1) await expect(breaker.execute(() => Promise.reject(busy()))).rejects.toThrow('503')
    let tries = 0
    let calls = 0
    const work = async () => {
      calls += 1
      if (calls < 3) throw busy()
      return 'script'
    }
    const attempt = () => {
      tries += 1
      return breaker.execute(work)
    }
    expect(await runStage(attempt)).toBe('script')
    expect([tries, calls]).toEqual([3, 3])
  })

  test('a request that was wrong in itself does not open it', async () => {
    const breaker = createProviderBreaker('gemini', 'Gemini', SPEED)
    const wrong = () => Promise.reject(new ProviderError('Gemini answered 400', { retryable: false }))
    for (let call = 0; call < 8; call += 1) await expect(breaker.execute(wrong)).rejects.toThrow('400')
    expect(await breaker.execute(async () => 'fine')).toBe('fine')
  })
})
