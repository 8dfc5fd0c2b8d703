import { SpanKind, SpanStatusCode, isSpanContextValid, trace } from '@opentelemetry/api'
import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api'
import { emitEvent } from '../emitEvent.ts'
import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import { eventTime } from '../eventClock.ts'
import type { Identity } from '../identity.ts'
import { requestContext, withStage } from '../requestContext.ts'
import type { CurrentStage } from '../requestContext.ts'
import { tracer } from '../scope.ts'
import { ATTR_STAGE_OUTPUT, ATTR_STAGE_STATUS } from '../semconv.ts'
import type { StageOutcome } from '../semconv.ts'
import { AttemptSpan } from './AttemptSpan.ts'
import {
  completedEvent,
  failedEvent,
  retryEvent,
  skippedEvent,
  stageAttributes,
  startedEvent,
} from './stageEvents.ts'
import type { EventContent, Retry, StageRun } from './stageEvents.ts'
import { StageSigns } from './StageSigns.ts'

export type OpenStageMode = {
  /** Milliseconds; 0 for no heartbeats. */
  heartbeatIntervalMs?: number | undefined
  /** Every attempt gets a span, which is active in it. Else only those of a stage that was retried get one, once over. */
  liveAttempts?: boolean
  /** Somebody in this process sees to it that the stage ends. */
  watched?: boolean
}

/**
 * A stage that runs in this process: its span, and the attempt it is at. Once ended, it says no more.
 * A stage that nobody ends leaves no span: its records are all that is known of it.
 */
export class OpenStage {
  readonly identity: Identity
  readonly watched: boolean
  readonly #context: Context
  readonly #run: StageRun
  readonly #current: CurrentStage
  readonly #span: Span
  readonly #signs: StageSigns
  readonly #liveAttempts: boolean
  #liveAttempt: AttemptSpan | undefined
  #attemptStartedAt: HrTime
  /** A retry was announced and its attempt has not begun. */
  #waiting = false
  #retried = false
  #ended = false

  constructor(identity: Identity, run: StageRun, mode: OpenStageMode = {}) {
    const time = eventTime()
    const parent = requestContext(identity)
    this.identity = identity
    this.watched = mode.watched ?? false
    this.#run = { ...run }
    this.#attemptStartedAt = time
    this.#liveAttempts = mode.liveAttempts ?? false
    // Without an SDK this is a copy of the parent, and all below still holds.
    this.#span = tracer().startSpan(
      run.stage,
      { kind: SpanKind.INTERNAL, startTime: time, attributes: stageAttributes(run) },
      parent,
    )
    this.#current = { traceId: identity.traceId, name: run.stage, attempt: run.attempt }
    // Where the host suppresses tracing the span has no IDs, and the records still belong to the request.
    const hasIds = isSpanContextValid(this.#span.spanContext())
    this.#context = withStage(hasIds ? trace.setSpan(parent, this.#span) : parent, this.#current)
    this.#emit(startedEvent(this.#run), time)
    this.#beginAttempt(time)
    this.#signs = new StageSigns(this.#run, this.#context, mode)
  }

  /** What the stage's own work runs in: its span, or its attempt's, is active there. */
  get context(): Context {
    return this.#liveAttempt?.context ?? this.#context
  }

  get name(): string {
    return this.#run.stage
  }

  get attempt(): number {
    return this.#run.attempt
  }

  get isWaiting(): boolean {
    return this.#waiting
  }

  get hasEnded(): boolean {
    return this.#ended
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
    this.#run.attempt = attempt
    this.#current.attempt = attempt
    this.#signs.forgetProgress()
    this.#emit(startedEvent(this.#run), time)
    this.#beginAttempt(time)
  }

  progress(ratio: number, message?: string): void {
    if (!this.#ended) this.#signs.progress(message === undefined ? { ratio } : { ratio, message })
  }

  complete(output?: unknown): void {
    if (this.#ended) return
    if (this.#waiting) this.startAttempt()
    this.#signs.flush()
    const time = eventTime()
    const event = completedEvent(this.#run, output)
    this.#emit(event, time)
    this.#endAttempt(time)
    const value = event.attributes[ATTR_STAGE_OUTPUT]
    this.#end('completed', time, value === undefined ? {} : { [ATTR_STAGE_OUTPUT]: JSON.stringify(value) })
  }

  fail(error: unknown): void {
    if (this.#ended) return
    this.#signs.flush()
    const time = eventTime()
    this.#emit(failedEvent(this.#run, error), time)
    if (!this.#waiting) this.#endAttempt(time, error ?? 'failed')
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) })
    this.#end('failed', time, errorAttributes(error))
  }

  skip(reason?: string): void {
    if (this.#ended) return
    this.#signs.flush()
    const time = eventTime()
    this.#emit(skippedEvent(this.#run, reason), time)
    if (!this.#waiting) this.#endAttempt(time)
    this.#end('skipped', time)
  }

  /** Says no more of being alive; how it ends may still be told. */
  abandon(): void {
    this.#signs.stop()
  }

  #emit(event: EventContent, time: HrTime): void {
    emitEvent({ ...event, context: this.#context, time })
  }

  #end(outcome: StageOutcome, time: HrTime, attributes: Attributes = {}): void {
    this.#ended = true
    this.#signs.stop()
    this.#span.setAttributes({ ...attributes, ...stageAttributes(this.#run), [ATTR_STAGE_STATUS]: outcome })
    this.#span.end(time)
  }

  #beginAttempt(time: HrTime): void {
    this.#attemptStartedAt = time
    if (this.#liveAttempts) this.#liveAttempt = this.#attemptSpan()
  }

  #endAttempt(time: HrTime, error?: unknown): void {
    const span = this.#liveAttempt ?? (this.#retried ? this.#attemptSpan() : undefined)
    this.#liveAttempt = undefined
    span?.end(time, error)
  }

  #attemptSpan(): AttemptSpan {
    return new AttemptSpan(this.#run.stage, this.#run.attempt, this.#attemptStartedAt, this.#context)
  }
}
