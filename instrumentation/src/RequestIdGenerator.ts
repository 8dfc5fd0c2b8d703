import { RandomIdGenerator } from '@opentelemetry/sdk-trace'
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { startingIds } from './startingIds.ts'

/**
 * Random IDs, except for spans whose IDs are known before: a request's root span has those that its correlation ID
 * says. The SDK asks for the span ID first, passes nothing, and so leaves the active context as the only way to say
 * which span it is.
 */
export class RequestIdGenerator implements IdGenerator {
  readonly #random = new RandomIdGenerator()

  /** The trace ID given for the span that is starting, else a random one. */
  generateTraceId(): string {
    return startingIds()?.traceId ?? this.#random.generateTraceId()
  }

  /** The span ID given for the span that is starting, else a random one. */
  generateSpanId(): string {
    return startingIds()?.spanId ?? this.#random.generateSpanId()
  }
}
