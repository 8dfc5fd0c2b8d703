import { attached } from './attached.ts'
import { observeCircuitBreaker } from './observeCircuitBreaker.ts'
import type { CircuitBreakerObserver, CircuitBreakerOptions } from './observeCircuitBreaker.ts'
import type { CircuitBreakerState } from '../semconv.ts'

type Event<T> = (listener: (data: T) => void) => { dispose(): void }
type Call<T> = (context: { signal: AbortSignal }) => PromiseLike<T> | T

/** As much of cockatiel 4's `CircuitBreakerPolicy` as is looked at. */
export type CockatielBreaker = {
  readonly state: number
  readonly onStateChange: Event<number>
  readonly onSuccess: Event<{ duration: number }>
  readonly onFailure: Event<{
    duration: number
    handled: boolean
    reason: { error: unknown } | { value: unknown }
  }>
  execute<T>(call: Call<T>, signal?: AbortSignal): Promise<T>
}

/** As for any breaker; its state is cockatiel's to say. */
export type CockatielBreakerOptions = Omit<CircuitBreakerOptions, 'state'> & {
  /** The breaker's own, where it is a number: cockatiel doesn't tell when an open breaker lets a call through. */
  halfOpenAfterMs?: number
}

/** The breaker to call through, and what was seen of it. */
export type CockatielObserver<P extends CockatielBreaker> = Pick<
  CircuitBreakerObserver,
  'counts' | 'state' | 'stop'
> & {
  /**
   * The breaker to call through, alone or within cockatiel's `wrap`. Refused calls are counted only here:
   * cockatiel has no event for them.
   */
  readonly policy: P
}

/** By the numbers of cockatiel's `CircuitState`; a breaker isolated by hand is open. */
const STATES: readonly CircuitBreakerState[] = ['closed', 'open', 'half_open', 'open']

/**
 * Observes a cockatiel circuit breaker and leaves it as it is. Cockatiel half-opens with the next call after
 * the wait, not with time: until then the breaker is told as open, with the time from which it may be tried.
 */
export function observeCockatielBreaker<P extends CockatielBreaker>(
  breaker: P,
  { halfOpenAfterMs, ...options }: CockatielBreakerOptions,
): CockatielObserver<P> {
  const observer = observeCircuitBreaker({ ...options, state: attached(options.name, () => STATES[breaker.state]) ?? 'closed' })
  const listeners = attached(options.name, () => [
    breaker.onStateChange((state) => {
      const isIsolated = state === 3
      const retryAtMs = halfOpenAfterMs === undefined || isIsolated ? undefined : Date.now() + halfOpenAfterMs
      observer.stateChanged(STATES[state] ?? 'open', retryAtMs)
    }),
    breaker.onSuccess(({ duration }) => observer.succeeded(duration)),
    breaker.onFailure(({ duration, handled, reason }) => {
      if (handled) observer.failed('error' in reason ? reason.error : undefined, duration)
      else observer.succeeded(duration)
    }),
  ])
  return {
    policy: countingRefusals(breaker, observer),
    counts: observer.counts,
    get state() {
      return observer.state
    },
    stop() {
      observer.stop()
      for (const listener of listeners ?? []) listener.dispose()
    },
  }
}

/** The breaker itself, but for `execute`, which counts the calls that were refused before they began. */
function countingRefusals<P extends CockatielBreaker>(breaker: P, observer: CircuitBreakerObserver): P {
  async function execute<T>(call: Call<T>, signal?: AbortSignal): Promise<T> {
    let begun = false
    try {
      return await breaker.execute((context) => {
        begun = true
        return call(context)
      }, signal)
    } catch (error) {
      if (!begun && isRefusal(error)) observer.rejected(error)
      throw error
    }
  }
  return new Proxy(breaker, {
    get(target, property) {
      if (property === 'execute') return execute
      // With the target as receiver, for its private fields.
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

const isRefusal = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'isBrokenCircuitError' in error &&
  error.isBrokenCircuitError === true
