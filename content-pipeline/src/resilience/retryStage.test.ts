import { describe, expect, test } from 'vitest'
import { CircuitOpenError } from './CircuitOpenError.ts'
import { createProviderBreaker } from './createProviderBreaker.ts'
import { ProviderError } from './ProviderError.ts'
import { retryStage } from './retryStage.ts'

const SPEED = 2000
const busy = () => new ProviderError('Gemini answered 503', { retryable: true })

function listener() {
  const told: string[] = []
  return {
    told,
    retry: ({ delayMs, reason }: { delayMs: number; reason: string }) => told.push(`retry ${reason} ${delayMs >= 0}`),
    startAttempt: () => told.push('attempt'),
  }
}

describe('retryStage', () => {
  test('tells each failed attempt and each new one, and gives up after three retries', async () => {
    const stage = listener()
    let calls = 0
    const work = () => {
      calls += 1
      return Promise.reject(busy())
    }
    await expect(retryStage(stage, SPEED, work)).rejects.toThrow('Gemini answered 503')
    expect(calls).toBe(4)
    expect(stage.told).toEqual([1, 2, 3].flatMap(() => ['retry Gemini answered 503 true', 'attempt']))
  })

  test('a success ends the retries', async () => {
    const stage = listener()
    let calls = 0
    const work = async () => {
      calls += 1
      if (calls < 3) throw busy()
      return 'script'
    }
    expect(await retryStage(stage, SPEED, work)).toBe('script')
    expect(stage.told).toHaveLength(4)
  })

  test.each([new ProviderError('bad prompt', { retryable: false }), new TypeError('our own fault')])(
    '%s is not retried',
    async (error) => {
      const stage = listener()
      const work = async () => {
        throw error
      }
      await expect(retryStage(stage, SPEED, work)).rejects.toBe(error)
      expect(stage.told).toEqual([])
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
    expect(refused).toBeInstanceOf(CircuitOpenError)
    expect(refused).toHaveProperty('message', 'Gemini circuit breaker is open (last failure: Gemini answered 503)')
    // 60 s at speed 2000 are 30 ms; the retry waits them instead of asking in vain.
    const stage = listener()
    expect(await retryStage(stage, SPEED, () => breaker.execute(async () => 'back'))).toBe('back')
    expect(stage.told.filter((line) => line === 'attempt').length).toBeLessThanOrEqual(1)
  })

  test('while it is open no attempt is spent on it: one request outlives an outage of two openings', async () => {
    const breaker = createProviderBreaker('gemini', 'Gemini', SPEED)
    for (let call = 0; call < 2; call += 1) await expect(breaker.execute(() => Promise.reject(busy()))).rejects.toThrow('503')
    let calls = 0
    const stage = listener()
    const work = async () => {
      calls += 1
      if (calls < 3) throw busy()
      return 'script'
    }
    expect(await retryStage(stage, SPEED, () => breaker.execute(work))).toBe('script')
    expect(stage.told.filter((line) => line === 'attempt')).toHaveLength(2)
    expect(stage.told.some((line) => line.includes('is open'))).toBe(false)
  })

  test('a request that was wrong in itself does not open it', async () => {
    const breaker = createProviderBreaker('gemini', 'Gemini', SPEED)
    const wrong = () => Promise.reject(new ProviderError('Gemini answered 400', { retryable: false }))
    for (let call = 0; call < 8; call += 1) await expect(breaker.execute(wrong)).rejects.toThrow('400')
    expect(await breaker.execute(async () => 'fine')).toBe('fine')
  })
})
