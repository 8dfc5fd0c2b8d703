import { context } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
import { BoundedMap } from '../BoundedMap.ts'
import { emitEvent } from '../emitEvent.ts'
import { emitRootSpan } from './emitRootSpan.ts'
import { errorMessage } from '../errorAttributes.ts'
import { eventTime } from '../eventClock.ts'
import type { Identity } from '../identity.ts'
import { later } from '../Later.ts'
import { requestAttributes } from './requestAttributes.ts'
import type { NewRequest, RequestResult } from './requestAttributes.ts'
import { requestContext } from '../requestContext.ts'
import {
  requestCancelledEvent,
  requestCompletedEvent,
  requestCreatedEvent,
  requestFailedEvent,
  requestStartedEvent,
} from './requestEvents.ts'
import { ATTR_PIPELINE_NAME, ATTR_STAGE_NAME } from '../semconv.ts'
import type { RequestOutcome } from '../semconv.ts'
import type { TrackedEvent } from '../emitEvent.ts'
import type { Warn } from '../warnOnce.ts'

/** Requests whose attributes, or whose end, this process remembers. */
const MAX_REMEMBERED = 5000

/** A request from its creation to its root span, which whoever ends it sends, once. */
export class RequestLifecycle {
  readonly #pipeline: string
  readonly #warn: Warn
  readonly #created = new BoundedMap<string, Attributes>(MAX_REMEMBERED)
  readonly #ended = new BoundedMap<string, true>(MAX_REMEMBERED)

  constructor(pipeline: string, warn: Warn) {
    this.#pipeline = pipeline
    this.#warn = warn
  }

  create(identity: Identity, request: NewRequest): void {
    this.#created.set(identity.traceId, requestAttributes(request))
    this.#emit(identity, requestCreatedEvent(identity, request))
  }

  start(identity: Identity): void {
    this.#emit(identity, requestStartedEvent())
  }

  complete(identity: Identity, result: RequestResult): void {
    this.#end(identity, 'completed', requestCompletedEvent(result))
  }

  /** @param stage the one that made it fail. */
  fail(identity: Identity, error: unknown, stage: string | undefined): void {
    const onlyOnRecord = stage === undefined ? {} : { [ATTR_STAGE_NAME]: stage }
    this.#end(identity, 'failed', requestFailedEvent(error, stage), onlyOnRecord, errorMessage(error))
  }

  cancel(identity: Identity, reason: string | undefined): void {
    this.#end(identity, 'cancelled', requestCancelledEvent(reason))
  }

  #end(
    identity: Identity,
    outcome: RequestOutcome,
    event: Omit<TrackedEvent, 'context'>,
    onlyOnRecord: Attributes = {},
    message?: string,
  ): void {
    const time = eventTime()
    this.#emit(identity, { ...event, time, attributes: { ...event.attributes, ...onlyOnRecord } })
    if (this.#ended.has(identity.traceId)) return
    this.#ended.set(identity.traceId, true)
    const created = this.#created.get(identity.traceId) ?? {}
    this.#created.delete(identity.traceId)
    later.run(() => {
      const sent = emitRootSpan(identity, {
        pipeline: this.#pipeline,
        outcome,
        time,
        attributes: { ...created, ...event.attributes, [ATTR_PIPELINE_NAME]: this.#pipeline },
        ...(message !== undefined && { message }),
      })
      if (sent) return
      this.#warn(
        'root span',
        'the tracer provider of this process ignores the request IDs, so root spans are not sent. ' +
          'Give it idGenerator: new RequestIdGenerator(), or use startInstrumentation().',
      )
    })
  }

  #emit(identity: Identity, event: Omit<TrackedEvent, 'context'>): void {
    const active = context.active()
    emitEvent({
      ...event,
      context: () => requestContext(identity, active),
      attributes: { ...event.attributes, [ATTR_PIPELINE_NAME]: this.#pipeline },
    })
  }
}
