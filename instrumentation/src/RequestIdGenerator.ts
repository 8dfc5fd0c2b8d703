import { RandomIdGenerator } from '@opentelemetry/sdk-trace'
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { startingRootSpanOf } from './requests/asRootSpan.ts'

/**
 * Random IDs, except for a request's root span, which has those that its correlation ID says. The SDK asks for
 * the span ID first, passes nothing, and so leaves the active context as the only way to say which span it is.
 */
export class RequestIdGenerator implements IdGenerator {
  readonly #random = new RandomIdGenerator()

  /** The trace ID of the request whose root span is starting, else a random one. */
  generateTraceId(): string {
    return startingRootSpanOf()?.traceId ?? this.#random.generateTraceId()
  }

  /** The root span ID of the request whose root span is starting, else a random one. */
  generateSpanId(): string {
    return startingRootSpanOf()?.rootSpanId ?? this.#random.generateSpanId()
  }
}
