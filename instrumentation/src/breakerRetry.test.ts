import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import { expect, test } from 'vitest'
import { newCorrelationId } from './identity.ts'
import { observeCockatielBreaker } from './observeCockatielBreaker.ts'
import { RequestTracker } from './RequestTracker.ts'

/** A breaker that one failure opens. */
const opened = async (halfOpenAfterMs: number | undefined) => {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 150, breaker: new ConsecutiveBreaker(1) })
  const observed = observeCockatielBreaker(breaker, { name: 'gemini', ...(halfOpenAfterMs !== undefined && { halfOpenAfterMs }) })
  await observed.policy.execute(() => Promise.reject(new Error('503'))).catch(() => {})
  return observed
}

const track = async (policy: Awaited<ReturnType<typeof opened>>['policy']) => {
  let attempts = 0
  const work = () => {
    attempts += 1
    return policy.execute(async () => 'back')
  }
  const retry = { initialDelayMs: 1 }
  const result = await new RequestTracker()
    .trackStage(newCorrelationId(Date.now()), 'script_generation', work, { retry })
    .catch((error: Error) => error.message)
  return { attempts, result }
}

test('a stage that an open breaker refuses waits until it may be tried, and spends one attempt on it', async () => {
  const { policy, stop } = await opened(150)
  expect(await track(policy)).toEqual({ attempts: 2, result: 'back' })
  stop()
})

test('where nobody knows when, it does not try in vain', async () => {
  const { policy, stop } = await opened(undefined)
  expect(await track(policy)).toMatchObject({ attempts: 1 })
  stop()
})
