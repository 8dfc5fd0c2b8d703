import { ValueType, metrics } from '@opentelemetry/api'
import type { Counter, Histogram, MeterProvider, ObservableResult } from '@opentelemetry/api'
import { meterOf } from '../scope.ts'
import { ATTR_CIRCUIT_BREAKER_NAME, ATTR_CIRCUIT_BREAKER_STATE, CIRCUIT_BREAKER_STATES } from '../semconv.ts'
import type { CircuitBreakerState } from '../semconv.ts'

/** How a call went: `rejected` never reached what the breaker protects. */
export type CallOutcome = 'success' | 'failure' | 'rejected'

export type BreakerNow = { state: CircuitBreakerState; retryAtMs: number | undefined }

const ATTR_OUTCOME = 'vividly.breaker.outcome'
const ATTR_PREVIOUS_STATE = 'vividly.breaker.previous_state'

type Instruments = {
  calls: Counter
  slowCalls: Counter
  transitions: Counter
  duration: Histogram
}

/**
 * One breaker's metrics, through OpenTelemetry's API: none are made unless the host has a meter provider, as with
 * `OTEL_METRICS_EXPORTER`. Called `vividly.breaker.…`, for `vividly_circuit_breaker_…` is what the tracker says of
 * all instances together.
 */
export class BreakerMetrics {
  readonly #name: string
  readonly #now: () => BreakerNow
  #provider: MeterProvider | undefined
  #instruments: Instruments | undefined

  constructor(name: string, now: () => BreakerNow) {
    this.#name = name
    this.#now = now
  }

  called(outcome: CallOutcome, durationMs: number | undefined, isSlow: boolean): void {
    const { calls, slowCalls, duration } = this.#made()
    const attributes = { [ATTR_CIRCUIT_BREAKER_NAME]: this.#name, [ATTR_OUTCOME]: outcome }
    calls.add(1, attributes)
    if (durationMs !== undefined) duration.record(durationMs / 1000, attributes)
    if (isSlow) slowCalls.add(1, { [ATTR_CIRCUIT_BREAKER_NAME]: this.#name })
  }

  changed(previous: CircuitBreakerState, state: CircuitBreakerState): void {
    this.#made().transitions.add(1, {
      [ATTR_CIRCUIT_BREAKER_NAME]: this.#name,
      [ATTR_PREVIOUS_STATE]: previous,
      [ATTR_CIRCUIT_BREAKER_STATE]: state,
    })
  }

  /** So that the state is observed of a breaker that nobody has called yet. */
  show(): void {
    this.#made()
  }

  /** The API has no proxy for meters: a breaker made before the host's provider would else be blind for ever. */
  #made(): Instruments {
    const provider = metrics.getMeterProvider()
    if (this.#instruments !== undefined && this.#provider === provider) return this.#instruments
    const meter = meterOf(provider)
    const instruments = {
      calls: meter.createCounter('vividly.breaker.calls', {
        description: 'Calls through the circuit breaker by how they went.',
        unit: '{call}',
        valueType: ValueType.INT,
      }),
      slowCalls: meter.createCounter('vividly.breaker.slow_calls', {
        description: 'Calls that took as long as the breaker’s observer was told is slow, or longer.',
        unit: '{call}',
        valueType: ValueType.INT,
      }),
      transitions: meter.createCounter('vividly.breaker.transitions', {
        description: 'Changes of state.',
        unit: '{transition}',
        valueType: ValueType.INT,
      }),
      duration: meter.createHistogram('vividly.breaker.call.duration', {
        description: 'How long calls took that the breaker let through.',
        unit: 's',
      }),
    }
    meter
      .createObservableGauge('vividly.breaker.state', {
        description: '1 for the state that the breaker is in, 0 for the others.',
        valueType: ValueType.INT,
      })
      .addCallback((result) => this.#observeState(result))
    meter
      .createObservableGauge('vividly.breaker.time_to_half_open', {
        description: 'Until an open breaker lets a call through, where that is known; 0 from then on.',
        unit: 's',
      })
      .addCallback((result) => this.#observeWait(result))
    this.#provider = provider
    this.#instruments = instruments
    return instruments
  }

  #observeState(result: ObservableResult): void {
    const { state } = this.#now()
    for (const each of CIRCUIT_BREAKER_STATES) {
      const attributes = { [ATTR_CIRCUIT_BREAKER_NAME]: this.#name, [ATTR_CIRCUIT_BREAKER_STATE]: each }
      result.observe(each === state ? 1 : 0, attributes)
    }
  }

  #observeWait(result: ObservableResult): void {
    const { state, retryAtMs } = this.#now()
    if (state !== 'open' || retryAtMs === undefined) return
    result.observe(Math.max(0, retryAtMs - Date.now()) / 1000, { [ATTR_CIRCUIT_BREAKER_NAME]: this.#name })
  }
}
