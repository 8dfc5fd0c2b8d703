import { observeCockatielBreaker } from '@vividly/instrumentation'
import { type CircuitBreakerPolicy, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'
import { ProviderError } from './ProviderError.ts'

/** This many failures in a row, of all requests in this process together, open the breaker. */
const FAILURES_TO_OPEN = 3
/** Seconds at speed 1 until an open breaker lets one call through to see. */
const OPEN_SECONDS = 60

export type ProviderBreaker = {
  /** Runs the call, or throws at once what `isBrokenCircuitError` knows as its cause. */
  execute: <T>(call: () => Promise<T>) => Promise<T>
}

/**
 * The breaker around one provider. Make it once a process, never once a request: it learns from every request's calls.
 *
 * The one line that shows it on the tracker's page is `observeCockatielBreaker`; from there on, call through its `policy`.
 * Stages with `retry` then wait for an open breaker by themselves.
 *
 * @param name as the tracker shows it, e.g. `nano_banana`
 * @param provider as people call it, e.g. `Nano Banana`
 */
export function createProviderBreaker(name: string, provider: string, speed: number): ProviderBreaker {
  const openMs = (OPEN_SECONDS * 1000) / speed
  const policy = circuitBreaker(
    // A call that was wrong in itself says nothing about the provider's health.
    handleWhen((error) => !(error instanceof ProviderError) || error.retryable),
    { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN) },
  )
  const observed = observeCockatielBreaker(policy, { name, halfOpenAfterMs: openMs })
  return {
    async execute(call) {
      try {
        return await observed.policy.execute(call)
      } catch (error) {
        if (!isBrokenCircuitError(error)) throw error
        const message = `${provider} circuit breaker is open${lastFailureOf(policy)}`
        throw new ProviderError(message, { retryable: true, cause: error })
      }
    },
  }
}

function lastFailureOf({ lastFailure }: CircuitBreakerPolicy): string {
  const error = lastFailure && 'error' in lastFailure ? lastFailure.error : undefined
  return error instanceof Error ? ` (last failure: ${error.message})` : ''
}
