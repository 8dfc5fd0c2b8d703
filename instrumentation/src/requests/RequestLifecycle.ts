import type { Attributes } from '@opentelemetry/api'
import { BoundedMap } from '../BoundedMap.ts'
import { emitEvent } from '../emitEvent.ts'
import { emitRootSpan } from './emitRootSpan.ts'
import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import { eventTime } from '../eventClock.ts'
import type { Identity } from '../identity.ts'
import { requestAttributes, resultAttributes } from './requestAttributes.ts'
import type { NewRequest, RequestResult } from './requestAttributes.ts'
import { requestContext } from '../requestContext.ts'
import {
  ATTR_MESSAGING_CONVERSATION_ID,
  ATTR_PIPELINE_NAME,
  ATTR_REQUEST_TOPIC,
  ATTR_STAGE_NAME,
  EVENT_REQUEST_CANCELLED,
  EVENT_REQUEST_COMPLETED,
  EVENT_REQUEST_CREATED,
  EVENT_REQUEST_FAILED,
  EVENT_REQUEST_STARTED,
} from '../semconv.ts'
import type { RequestOutcome } from '../semconv.ts'
import type { TrackedEvent } from '../emitEvent.ts'
import { toText } from '../toPlain.ts'
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
    const attributes = requestAttributes(request)
    this.#created.set(identity.traceId, attributes)
    const topic = attributes[ATTR_REQUEST_TOPIC]
    this.#emit(identity, {
      name: EVENT_REQUEST_CREATED,
      message: `request created${topic === undefined ? '' : `: ${toText(topic)}`}`,
      attributes: { ...attributes, [ATTR_MESSAGING_CONVERSATION_ID]: identity.correlationId },
    })
  }

  start(identity: Identity): void {
    this.#emit(identity, { name: EVENT_REQUEST_STARTED, message: 'request started', attributes: {} })
  }

  complete(identity: Identity, result: RequestResult): void {
    this.#end(identity, 'completed', {
      name: EVENT_REQUEST_COMPLETED,
      message: 'request completed',
      attributes: resultAttributes(result),
    })
  }

  /** @param stage the one that made it fail. */
  fail(identity: Identity, error: unknown, stage: string | undefined): void {
    this.#end(
      identity,
      'failed',
      {
        name: EVENT_REQUEST_FAILED,
        message: `request failed${stage === undefined ? '' : ` in ${stage}`}: ${errorMessage(error)}`,
        severity: 'error',
        attributes: errorAttributes(error),
      },
      // On the record only: a span with a stage name would be a stage.
      stage === undefined ? {} : { [ATTR_STAGE_NAME]: stage },
      errorMessage(error),
    )
  }

  cancel(identity: Identity, reason: string | undefined): void {
    this.#end(identity, 'cancelled', {
      name: EVENT_REQUEST_CANCELLED,
      message: `request cancelled${reason === undefined ? '' : `: ${reason}`}`,
      severity: 'warning',
      attributes: {},
    })
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
  }

  #emit(identity: Identity, event: Omit<TrackedEvent, 'context'>): void {
    emitEvent({
      ...event,
      context: requestContext(identity),
      attributes: { ...event.attributes, [ATTR_PIPELINE_NAME]: this.#pipeline },
    })
  }
}
