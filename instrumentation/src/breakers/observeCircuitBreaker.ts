import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api'
import type { Attributes, Context } from '@opentelemetry/api'
import { emitEvent } from '../emitEvent.ts'
import { stageIn } from '../requestContext.ts'
import {
  ATTR_CIRCUIT_BREAKER_CALLS,
  ATTR_CIRCUIT_BREAKER_FAILURES,
  ATTR_CIRCUIT_BREAKER_NAME,
  ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE,
  ATTR_CIRCUIT_BREAKER_REJECTED,
  ATTR_CIRCUIT_BREAKER_RETRY_AT,
  ATTR_CIRCUIT_BREAKER_SLOW_CALLS,
  ATTR_CIRCUIT_BREAKER_STATE,
  ATTR_STAGE_ATTEMPT,
  ATTR_STAGE_NAME,
  EVENT_CIRCUIT_BREAKER_STATE_CHANGED,
  EVENT_CIRCUIT_BREAKER_STATUS,
} from '../semconv.ts'
import type { CircuitBreakerState } from '../semconv.ts'
import { makeWarnOnce } from '../warnOnce.ts'
import { BreakerMetrics } from './BreakerMetrics.ts'
import { markBrokenThrough } from './brokenThrough.ts'
import { markRefusedUntil } from './refusedUntil.ts'

/** Which breaker it is, and how often its state is told. */
export type CircuitBreakerOptions = {
  /** What it protects: `gemini`, `nano_banana`. The same in every process. */
  name: string
  /** Default `closed`. */
  state?: CircuitBreakerState
  /** How often the state is told when nothing changes, 10 or more; default 5000. The tracker drops who is silent for 30 s. */
  statusIntervalMs?: number
  /** Calls that take this long or longer are counted as slow, whether they succeed or not. Default 60000. */
  slowCallMs?: number
}

/** Counts are of this process, since it started. */
export type CircuitBreakerCounts = {
  /** That reached what the breaker protects. */
  calls: number
  /** Of these, those that the breaker counts as failures. */
  failures: number
  /** Of these, those that took `slowCallMs` or longer. */
  slow: number
  /** That the breaker refused. */
  rejected: number
}

/** Is told what a circuit breaker, of whatever library, does, and tells the tracker. Nothing here throws or waits. */
export type CircuitBreakerObserver = {
  /** @param durationMs how long the call took, where that is known. */
  succeeded(durationMs?: number): void
  /** @param error remembered, so that a stage that fails of it names the breaker. */
  failed(error?: unknown, durationMs?: number): void
  /** As {@link failed}; a stage with `retry` waits until the breaker may be tried, or gives up if nobody knows when. */
  rejected(error?: unknown): void
  /** @param retryAtMs Unix ms at which an open breaker lets the next call through, where that is known. */
  stateChanged(state: CircuitBreakerState, retryAtMs?: number): void
  readonly state: CircuitBreakerState
  readonly counts: Readonly<CircuitBreakerCounts>
  /** Ends the periodic status. */
  stop(): void
}

const DEFAULT_STATUS_INTERVAL_MS = 5000
/** As in resilience4j. */
const DEFAULT_SLOW_CALL_MS = 60_000
const STATE_SEVERITY = { closed: 'info', half_open: 'info', open: 'error' } as const

/**
 * Tells a breaker's state when it changes, at once and as part of the request whose call changed it, and with
 * its counts every few seconds, outside any request. The timer does not keep the process alive.
 */
export function observeCircuitBreaker(options: CircuitBreakerOptions): CircuitBreakerObserver {
  const { name, statusIntervalMs = DEFAULT_STATUS_INTERVAL_MS, slowCallMs = DEFAULT_SLOW_CALL_MS } = options
  const warnOnce = makeWarnOnce()
  const counts: CircuitBreakerCounts = { calls: 0, failures: 0, slow: 0, rejected: 0 }
  let state = options.state ?? 'closed'
  /** When an open breaker lets a call through, where that is known. */
  let retryAtMs: number | undefined
  /** What opens the breaker, if the next thing it does is to open. */
  let lastFailure: unknown
  const metrics = new BreakerMetrics(name, () => ({ state, retryAtMs }))

  function safely(action: () => void): void {
    try {
      action()
    } catch (error) {
      warnOnce('breaker', `the circuit breaker ${name} could not be tracked.`, error)
    }
  }

  function emit(event: string, message: string, base: Context, more: Attributes = {}): void {
    const severity = event === EVENT_CIRCUIT_BREAKER_STATUS ? 'info' : STATE_SEVERITY[state]
    emitEvent({ name: event, message, severity, context: base, attributes: { ...attributes(), ...more } })
  }

  const attributes = (): Attributes => ({
    [ATTR_CIRCUIT_BREAKER_NAME]: name,
    [ATTR_CIRCUIT_BREAKER_STATE]: state,
    [ATTR_CIRCUIT_BREAKER_CALLS]: counts.calls,
    [ATTR_CIRCUIT_BREAKER_FAILURES]: counts.failures,
    [ATTR_CIRCUIT_BREAKER_SLOW_CALLS]: counts.slow,
    [ATTR_CIRCUIT_BREAKER_REJECTED]: counts.rejected,
    ...(retryAtMs !== undefined && { [ATTR_CIRCUIT_BREAKER_RETRY_AT]: new Date(retryAtMs).toISOString() }),
  })

  function called(outcome: 'success' | 'failure', durationMs: number | undefined): void {
    const isSlow = durationMs !== undefined && durationMs >= slowCallMs
    counts.calls += 1
    if (outcome === 'failure') counts.failures += 1
    if (isSlow) counts.slow += 1
    safely(() => metrics.called(outcome, durationMs, isSlow))
  }

  function emitStatus(): void {
    safely(() => emit(EVENT_CIRCUIT_BREAKER_STATUS, `circuit breaker ${name} is ${state}`, ROOT_CONTEXT))
    safely(() => metrics.show())
  }
  const timer = setInterval(
    emitStatus,
    statusIntervalMs >= 10 ? statusIntervalMs : DEFAULT_STATUS_INTERVAL_MS,
  )
  timer.unref()
  emitStatus()

  return {
    succeeded(durationMs) {
      lastFailure = undefined
      called('success', durationMs)
    },
    failed(error, durationMs) {
      markBrokenThrough(error, name)
      lastFailure = error
      called('failure', durationMs)
    },
    rejected(error) {
      counts.rejected += 1
      markBrokenThrough(error, name)
      // A breaker that is not open refuses what it has no room for: worth a try like any other.
      markRefusedUntil(error, state === 'open' ? retryAtMs : Date.now())
      safely(() => metrics.called('rejected', undefined, false))
    },
    stateChanged(next, nextRetryAtMs) {
      const previous = state
      state = next
      retryAtMs = next === 'open' && isTime(nextRetryAtMs) ? nextRetryAtMs : undefined
      // Whose call opened it need not come back before it lets calls through again.
      if (retryAtMs !== undefined) markRefusedUntil(lastFailure, retryAtMs)
      lastFailure = undefined
      safely(() => {
        const active = context.active()
        const stage = stageIn(active, trace.getSpanContext(active)?.traceId)
        emit(EVENT_CIRCUIT_BREAKER_STATE_CHANGED, `circuit breaker ${name}: ${previous} → ${next}`, active, {
          [ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE]: previous,
          ...(stage !== undefined && { [ATTR_STAGE_NAME]: stage.name, [ATTR_STAGE_ATTEMPT]: stage.attempt }),
        })
      })
      safely(() => metrics.changed(previous, next))
    },
    get state() {
      return state
    },
    counts,
    stop: () => clearInterval(timer),
  }
}

const isTime = (unixMs: number | undefined): unixMs is number =>
  unixMs !== undefined && !Number.isNaN(new Date(unixMs).getTime())
