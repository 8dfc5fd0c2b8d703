import { ROOT_CONTEXT, context } from '@opentelemetry/api'
import type { CircuitBreakerState } from '../semconv.ts'
import { attached } from './attached.ts'
import { observeCircuitBreaker } from './observeCircuitBreaker.ts'
import type { CircuitBreakerObserver, CircuitBreakerOptions } from './observeCircuitBreaker.ts'

type Listeners = {
  success: (result: never, latencyMs: number) => void
  failure: (error: Error, latencyMs: number) => void
  reject: (error: Error) => void
  open: () => void
  halfOpen: (resetTimeout: number) => void
  close: () => void
  shutdown: () => void
}

/** As much of an opossum `CircuitBreaker`, 8 or newer, as is looked at. */
export type OpossumBreaker = {
  readonly opened: boolean
  readonly halfOpen: boolean
  on<Name extends keyof Listeners>(event: Name, listener: Listeners[Name]): unknown
  off<Name extends keyof Listeners>(event: Name, listener: Listeners[Name]): unknown
}

/** As for any breaker; its state is opossum's to say. */
export type OpossumBreakerOptions = Omit<CircuitBreakerOptions, 'state'>

/** What was seen of the breaker. Calls go through the breaker's own `fire`, as before. */
export type OpossumObserver = Pick<CircuitBreakerObserver, 'counts' | 'state' | 'stop'>

/** A call that the breaker's `capacity` had no room for, which opossum tells as a failure. */
const NO_ROOM = 'ESEMLOCKED'

/**
 * Observes an opossum circuit breaker by its events and leaves it as it is. Opossum half-opens by itself when
 * `resetTimeout` is over, so that change is told outside any request. What its cache answers is no call.
 */
export function observeOpossumBreaker(breaker: OpossumBreaker, options: OpossumBreakerOptions): OpossumObserver {
  const observer = observeCircuitBreaker({ ...options, state: attached(options.name, () => stateOf(breaker)) ?? 'closed' })
  const listeners: Listeners = {
    success: (_, latencyMs) => observer.succeeded(latencyMs),
    failure: (error, latencyMs) => {
      if ('code' in error && error.code === NO_ROOM) observer.rejected(error)
      else observer.failed(error, latencyMs)
    },
    reject: (error) => observer.rejected(error),
    open: () => observer.stateChanged('open', retryAtMs(breaker)),
    // By a timer, which lives in the context of the call that opened the breaker.
    halfOpen: () => context.with(ROOT_CONTEXT, () => observer.stateChanged('half_open')),
    close: () => observer.stateChanged('closed'),
    shutdown: () => observer.stop(),
  }
  const events = Object.keys(listeners) as (keyof Listeners)[]
  attached(options.name, () => events.forEach((event) => breaker.on(event, listeners[event])))
  return {
    counts: observer.counts,
    get state() {
      return observer.state
    },
    stop() {
      observer.stop()
      attached(options.name, () => events.forEach((event) => breaker.off(event, listeners[event])))
    },
  }
}

const stateOf = ({ opened, halfOpen }: OpossumBreaker): CircuitBreakerState => {
  if (halfOpen) return 'half_open'
  return opened ? 'open' : 'closed'
}

/** Its types leave its options out. */
function retryAtMs(breaker: object): number | undefined {
  const { options } = breaker as { options?: { resetTimeout?: unknown } }
  return typeof options?.resetTimeout === 'number' ? Date.now() + options.resetTimeout : undefined
}
