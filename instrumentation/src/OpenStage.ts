import { SpanKind, SpanStatusCode, isSpanContextValid, trace } from '@opentelemetry/api'
import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api'
import { emitEvent } from './emitEvent.ts'
import { errorAttributes, errorMessage } from './errorAttributes.ts'
import { eventTime } from './eventClock.ts'
import type { Identity } from './identity.ts'
import { requestContext, withStage } from './requestContext.ts'
import type { CurrentStage } from './requestContext.ts'
import { tracer } from './scope.ts'
import { ATTR_STAGE_ATTEMPT, ATTR_STAGE_OUTPUT, ATTR_STAGE_STATUS } from './semconv.ts'
import type { StageOutcome } from './semconv.ts'
import {
  completedEvent,
  failedEvent,
  heartbeatEvent,
  retryEvent,
  skippedEvent,
  stageAttributes,
  startedEvent,
} from './stageEvents.ts'
import type { EventContent, Retry, StageRun } from './stageEvents.ts'

/**
 * A stage that runs in this process: its span, and the attempt it is at. Once ended, it says no more.
 *
 * Each attempt of a stage that was retried also gets a child span, once it is over. A stage that nobody ends
 * leaves no span: its records are all that is known of it.
 */
export class OpenStage {
  /** What the stage's own work runs in: its span is active there. */
  readonly context: Context
  readonly #run: StageRun
  readonly #current: CurrentStage
  readonly #span: Span
  #attemptStartedAt: HrTime
  /** A retry was announced and its attempt has not begun. */
  #waiting = false
  #retried = false
  #ended = false

  constructor(identity: Identity, run: StageRun) {
    const time = eventTime()
    const parent = requestContext(identity)
    this.#run = { ...run }
    this.#attemptStartedAt = time
    // Without an SDK this is a copy of the parent, and all below still holds.
    this.#span = tracer().startSpan(
      run.stage,
      { kind: SpanKind.INTERNAL, startTime: time, attributes: stageAttributes(run) },
      parent,
    )
    this.#current = { traceId: identity.traceId, name: run.stage, attempt: run.attempt }
    // Where the host suppresses tracing the span has no IDs, and the records still belong to the request.
    const hasIds = isSpanContextValid(this.#span.spanContext())
    this.context = withStage(hasIds ? trace.setSpan(parent, this.#span) : parent, this.#current)
    this.#emit(startedEvent(this.#run), time)
  }

  get attempt(): number {
    return this.#run.attempt
  }

  get isWaiting(): boolean {
    return this.#waiting
  }

  /** Closes the attempt that failed; the next begins with {@link startAttempt}. */
  retry(retry: Retry): void {
    if (this.#ended) return
    const time = eventTime()
    this.#emit(retryEvent(this.#run, retry), time)
    this.#retried = true
    this.#waiting = true
    this.#endAttempt(time, retry.error ?? retry.reason)
  }

  startAttempt(attempt: number = this.#run.attempt + 1): void {
    if (this.#ended) return
    const time = eventTime()
    this.#waiting = false
    this.#attemptStartedAt = time
    this.#run.attempt = attempt
    this.#current.attempt = attempt
    this.#emit(startedEvent(this.#run), time)
  }

  progress(ratio: number, message?: string): void {
    if (!this.#ended) this.#emit(heartbeatEvent(this.#run, ratio, message))
  }

  complete(output?: unknown): void {
    if (this.#ended) return
    if (this.#waiting) this.startAttempt()
    const time = eventTime()
    const event = completedEvent(this.#run, output)
    this.#emit(event, time)
    this.#endAttempt(time)
    const value = event.attributes[ATTR_STAGE_OUTPUT]
    this.#end('completed', time, value === undefined ? {} : { [ATTR_STAGE_OUTPUT]: JSON.stringify(value) })
  }

  fail(error: unknown): void {
    if (this.#ended) return
    const time = eventTime()
    this.#emit(failedEvent(this.#run, error), time)
    if (!this.#waiting) this.#endAttempt(time, error)
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) })
    this.#end('failed', time, errorAttributes(error))
  }

  skip(reason?: string): void {
    if (this.#ended) return
    const time = eventTime()
    this.#emit(skippedEvent(this.#run, reason), time)
    this.#end('skipped', time)
  }

  #emit(event: EventContent, time: HrTime = eventTime()): void {
    emitEvent({ ...event, context: this.context, time })
  }

  #end(outcome: StageOutcome, time: HrTime, attributes: Attributes = {}): void {
    this.#ended = true
    this.#span.setAttributes({ ...attributes, ...stageAttributes(this.#run), [ATTR_STAGE_STATUS]: outcome })
    this.#span.end(time)
  }

  #endAttempt(time: HrTime, error?: unknown): void {
    if (!this.#retried) return
    const { stage, attempt } = this.#run
    const span = tracer().startSpan(
      `${stage} attempt`,
      {
        startTime: this.#attemptStartedAt,
        attributes: { ...errorAttributes(error), [ATTR_STAGE_ATTEMPT]: attempt },
      },
      this.context,
    )
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) })
    span.end(time)
  }
}
