import { observeCockatielBreaker } from '@vividly/instrumentation'
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel'
import { CircuitOpenError } from './CircuitOpenError.ts'
import { ProviderError } from './ProviderError.ts'

/** This many failures in a row, of all requests in this process together, open the breaker. */
const FAILURES_TO_OPEN = 3
/** Seconds at speed 1 until an open breaker lets one call through to see. */
const OPEN_SECONDS = 60

/** Timers fire up to a millisecond early, and clocks count whole ones: a wait that is too short is a try in vain. */
const SLACK_MS = 5

export type ProviderBreaker = {
  /** Runs the call, or throws a `CircuitOpenError` at once. */
  execute: <T>(call: () => Promise<T>) => Promise<T>
}

/**
 * The breaker around one provider. Make it once a process, never once a request: it learns from every request's calls.
 *
 * The one line that shows it on the tracker's page is `observeCockatielBreaker`; from there on, call through its `policy`.
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
  let openedAtMs = 0
  policy.onBreak(() => (openedAtMs = Date.now()))
  const observed = observeCockatielBreaker(policy, { name, halfOpenAfterMs: openMs })
  return {
    async execute(call) {
      try {
        return await observed.policy.execute(call)
      } catch (error) {
        const retryAfterMs = policy.state === CircuitState.Open ? Math.max(0, openedAtMs + openMs - Date.now()) + SLACK_MS : 0
        if (isBrokenCircuitError(error)) throw new CircuitOpenError(provider, retryAfterMs, messageOf(policy.lastFailure), error)
        // The call that opened the breaker need not come back before it lets calls through again.
        if (error instanceof ProviderError && retryAfterMs > error.retryAfterMs) {
          throw new ProviderError(error.message, { retryable: error.retryable, retryAfterMs, cause: error })
        }
        throw error
      }
    },
  }
}

function messageOf(failure: CircuitBreakerPolicy['lastFailure']): string | undefined {
  return failure && 'error' in failure && failure.error instanceof Error ? failure.error.message : undefined
}
