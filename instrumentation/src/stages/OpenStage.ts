import { SpanKind, SpanStatusCode, context, isSpanContextValid, trace } from '@opentelemetry/api'
import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api'
import { emitEvent } from '../emitEvent.ts'
import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import { eventTime } from '../eventClock.ts'
import type { Identity } from '../identity.ts'
import { startLate } from '../LateSpan.ts'
import { later } from '../Later.ts'
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
  readonly #active = context.active()
  readonly #run: StageRun
  readonly #current: CurrentStage
  readonly #mode: OpenStageMode
  readonly #startedAt: HrTime
  readonly #liveAttempts: boolean
  #spanMade: Span | undefined
  #contextMade: Context | undefined
  #signsMade: StageSigns | undefined
  #liveAttempt: AttemptSpan | undefined
  #attemptStartedAt: HrTime
  /** A retry was announced and its attempt has not begun. */
  #waiting = false
  #retried = false
  #ended = false

  constructor(identity: Identity, run: StageRun, mode: OpenStageMode = {}) {
    const time = eventTime()
    this.identity = identity
    this.watched = mode.watched ?? false
    this.#mode = mode
    this.#run = { ...run }
    this.#startedAt = time
    this.#attemptStartedAt = time
    this.#liveAttempts = mode.liveAttempts ?? false
    this.#current = { traceId: identity.traceId, name: run.stage, attempt: run.attempt }
    later.run(() => {
      void this.#span
      this.#emit(startedEvent(run), time)
      if (!this.#ended) void this.#signs
    })
    if (this.#liveAttempts) this.#beginAttempt(time)
  }

  /** What the stage's own work runs in: its span, or its attempt's, is active there. */
  get context(): Context {
    return this.#liveAttempt?.context ?? this.#context()
  }

  /** {@link context} as of now, made when it is asked for. */
  get lateContext(): () => Context {
    const attempt = this.#liveAttempt
    return () => attempt?.context ?? this.#context()
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
    this.#signsMade?.forgetProgress()
    this.#emit(startedEvent(this.#run), time)
    this.#beginAttempt(time)
  }

  progress(ratio: number, message?: string): void {
    if (!this.#ended) this.#signs.progress(message === undefined ? { ratio } : { ratio, message })
  }

  complete(output?: unknown): void {
    if (this.#ended) return
    if (this.#waiting) this.startAttempt()
    this.#signsMade?.flush()
    const time = eventTime()
    // What is the host's, and may change, is read at once.
    const event = output === undefined ? undefined : completedEvent(this.#run, output)
    this.#endAttempt(time)
    this.#end('completed', time, () => {
      const { attributes } = this.#emit(event ?? completedEvent(this.#run), time)
      const value = attributes[ATTR_STAGE_OUTPUT]
      return value === undefined ? {} : { [ATTR_STAGE_OUTPUT]: JSON.stringify(value) }
    })
  }

  fail(error: unknown): void {
    if (this.#ended) return
    this.#signsMade?.flush()
    const time = eventTime()
    this.#emit(failedEvent(this.#run, error), time)
    if (!this.#waiting) this.#endAttempt(time, error ?? 'failed')
    const attributes = errorAttributes(error)
    const message = errorMessage(error)
    this.#end('failed', time, () => {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message })
      return attributes
    })
  }

  skip(reason?: string): void {
    if (this.#ended) return
    this.#signsMade?.flush()
    const time = eventTime()
    this.#emit(skippedEvent(this.#run, reason), time)
    if (!this.#waiting) this.#endAttempt(time)
    this.#end('skipped', time)
  }

  /** Says no more of being alive; how it ends may still be told. */
  abandon(): void {
    this.#signs.stop()
  }

  /** Without an SDK this is a copy of the parent, and all else still holds. */
  get #span(): Span {
    this.#spanMade ??= startLate(this.identity, this.#active, () =>
      tracer().startSpan(
        this.#run.stage,
        { kind: SpanKind.INTERNAL, startTime: this.#startedAt, attributes: stageAttributes(this.#run) },
        requestContext(this.identity, this.#active),
      ),
    )
    return this.#spanMade
  }

  /** Made when it is asked for: a stage that is told step by step has its own made off the caller's path. */
  readonly #context = (): Context => {
    this.#contextMade ??= this.#makeContext()
    return this.#contextMade
  }

  #makeContext(): Context {
    // Where the host suppresses tracing the span has no IDs, and the records still belong to the request.
    const hasIds = isSpanContextValid(this.#span.spanContext())
    const base = hasIds ? trace.setSpan(this.#active, this.#span) : requestContext(this.identity, this.#active)
    return withStage(base, this.#current)
  }

  get #signs(): StageSigns {
    this.#signsMade ??= new StageSigns(this.#run, this.#context, this.#mode)
    return this.#signsMade
  }

  #emit(event: EventContent, time: HrTime): EventContent {
    emitEvent({ ...event, context: this.#context, time })
    return event
  }

  /** @param lastWords gives what else the span says; asked off the caller's path. */
  #end(outcome: StageOutcome, time: HrTime, lastWords: () => Attributes = () => ({})): void {
    this.#ended = true
    this.#signsMade?.stop()
    later.run(() => {
      this.#span.setAttributes({ ...lastWords(), ...stageAttributes(this.#run), [ATTR_STAGE_STATUS]: outcome })
      this.#span.end(time)
    })
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
    return new AttemptSpan(this.identity, this.#run, this.#attemptStartedAt, this.#context())
  }
}
