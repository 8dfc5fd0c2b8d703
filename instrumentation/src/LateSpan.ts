import { TraceFlags } from '@opentelemetry/api'
import type { Attributes, AttributeValue, Context, Exception, Link, Span, SpanContext, SpanStatus, TimeInput } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { RandomIdGenerator } from '@opentelemetry/sdk-trace'
import type { Identity } from './identity.ts'
import { later } from './Later.ts'
import { withIds } from './startingIds.ts'

const random = new RandomIdGenerator()
/** Drawn off the caller's path too. */
const spanIds: string[] = []
const SPAN_IDS_KEPT = 64

/**
 * A span of a request of ours that starts off the caller's path where that can be: its IDs are known at once, all else
 * follows. `start` makes the real one, with a start time of its own; whoever needs more than the IDs makes it be made.
 */
export function startLate(identity: Pick<Identity, 'traceId' | 'ours'>, active: Context, start: () => Span): Span {
  // Of a foreign trace the host's sampler decides, so its IDs alone are not all there is to know.
  const canWait = later.on && identity.ours && !isTracingSuppressed(active)
  return canWait ? new LateSpan(identity.traceId, start) : start()
}

class LateSpan implements Span {
  readonly #context: SpanContext
  readonly #start: () => Span
  #started: Span | undefined

  constructor(traceId: string, start: () => Span) {
    this.#context = { traceId, spanId: spanIds.pop() ?? random.generateSpanId(), traceFlags: TraceFlags.SAMPLED }
    this.#start = start
    later.run(() => {
      void this.#span
      while (spanIds.length < SPAN_IDS_KEPT) spanIds.push(random.generateSpanId())
    })
  }

  get #span(): Span {
    this.#started ??= withIds(this.#context, this.#start)
    return this.#started
  }

  spanContext(): SpanContext {
    return this.#context
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#span.setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#span.setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    this.#span.addEvent(name, attributesOrTime, time)
    return this
  }

  addLink(link: Link): this {
    this.#span.addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#span.addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#span.setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.#span.updateName(name)
    return this
  }

  end(endTime?: TimeInput): void {
    this.#span.end(endTime)
  }

  isRecording(): boolean {
    return this.#span.isRecording()
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#span.recordException(exception, time)
  }
}
