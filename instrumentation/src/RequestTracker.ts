import type { Pipeline } from './definePipeline.ts'
import { fetchRequestStatus } from './fetchRequestStatus.ts'
import type { RequestStatus } from './fetchRequestStatus.ts'
import { identityOf, newCorrelationId, traceparentOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { logEvent } from './logEvent.ts'
import type { LogEventOptions } from './logEvent.ts'
import type { NewRequest, RequestResult } from './requests/requestAttributes.ts'
import { RequestLifecycle } from './requests/RequestLifecycle.ts'
import { RequestSignals } from './requests/RequestSignals.ts'
import { toRetryPolicy } from './retry/RetryOptions.ts'
import { DEFAULT_PIPELINE } from './semconv.ts'
import type { DefaultStage } from './semconv.ts'
import { runAttempts } from './stages/runAttempts.ts'
import type { Retry } from './stages/stageEvents.ts'
import { StageLifecycle, toCount } from './stages/StageLifecycle.ts'
import type { OpenStageOptions, StageOptions, TrackStageOptions } from './stages/StageOptions.ts'
import { TrackedStage } from './stages/TrackedStage.ts'
import { makeWarnOnce, messageOf } from './warnOnce.ts'

/** All of it can be left out: the default pipeline, and no question to the tracker. */
export type RequestTrackerOptions<Stage extends string = string> = {
  /** What `definePipeline` made, whose stages the compiler then knows. Default `content_generation`. */
  pipeline?: Pipeline<Stage>
  /** Where `getRequestStatus` asks, if `VIVIDLY_TRACKER_URL` does not say. */
  trackerUrl?: string
  /** How long `getRequestStatus` waits for the answer; default 10000. */
  statusTimeoutMs?: number
}

/** A new request's one identity, in each of its spellings. */
export type CreatedRequest = {
  /** All that the request's further processes need, so put this into the job. */
  correlationId: string
  requestId: string
  traceId: string
  /** For what speaks W3C Trace Context. */
  traceparent: string
}

const DEFAULT_STATUS_TIMEOUT_MS = 10_000

/**
 * Tells the tracker how requests move through their stages, as OpenTelemetry spans and log records.
 *
 * `id` is the correlation ID, trace ID or request ID, in any process: what is needed derives from it. All but
 * `getRequestStatus` return at once, send in the background and never throw: a fault of ours or of what we were
 * given is one warning through OpenTelemetry's `diag`, and the request goes on untracked.
 */
export class RequestTracker<Stage extends string = DefaultStage> {
  readonly #pipeline: string
  readonly #options: RequestTrackerOptions<Stage>
  readonly #warn = makeWarnOnce()
  readonly #requests: RequestLifecycle
  readonly #signals = new RequestSignals()
  readonly #stages: StageLifecycle

  constructor(options: RequestTrackerOptions<Stage> = {}) {
    this.#options = options
    this.#pipeline = options.pipeline?.name ?? DEFAULT_PIPELINE
    this.#requests = new RequestLifecycle(this.#pipeline, this.#warn)
    this.#stages = new StageLifecycle(this.#pipeline, this.#warn)
  }

  /** Names a new request and says who asks for what. */
  createRequest(request: NewRequest): CreatedRequest {
    const given = this.#safely('createRequest', () =>
      request.id === undefined ? undefined : identityOf(request.id),
    )
    const identity = given ?? identityOf(newCorrelationId(Date.now()))
    this.#safely('createRequest', () => this.#requests.create(identity, request))
    const { correlationId, requestId, traceId } = identity
    return { correlationId, requestId, traceId, traceparent: traceparentOf(traceId) }
  }

  /**
   * A worker has taken the request up.
   * @param options a signal that cancels the request, with its reason, unless it has ended here by then; the
   * `signal` of the stages that are tracked here aborts with it.
   */
  startRequest(id: string, options: { signal?: AbortSignal } = {}): void {
    this.#of('startRequest', id, (identity) => {
      this.#requests.start(identity)
      const { signal } = options
      if (signal === undefined) return
      this.#signals.watch(identity.traceId, signal, () => this.cancelRequest(id, messageOf(signal.reason)))
    })
  }

  /** Begins a stage, or after {@link retryStage} its next attempt. Prefer {@link trackStage}. */
  startStage(id: string, stage: Stage, options: StageOptions = {}): void {
    this.#of('startStage', id, (identity) => this.#stages.start(identity, stage, options))
  }

  /**
   * The stage is done.
   * @param options needed where the stage was started in another process: its attempt, if not the first.
   */
  completeStage(id: string, stage: Stage, output?: unknown, options: StageOptions = {}): void {
    this.#of('completeStage', id, (identity) => this.#stages.complete(identity, stage, output, options))
  }

  /** The stage failed for good. Options as {@link completeStage}. */
  failStage(id: string, stage: Stage, error: unknown, options: StageOptions = {}): void {
    this.#of('failStage', id, (identity) => this.#stages.fail(identity, stage, error, options))
  }

  /** An attempt failed; the next follows after `delayMs`, with {@link startStage}. Else as {@link completeStage}. */
  retryStage(id: string, stage: Stage, retry: Retry & StageOptions): void {
    this.#of('retryStage', id, (identity) => this.#stages.retry(identity, stage, retry))
  }

  /** The stage was not needed. Options as {@link completeStage}. */
  skipStage(id: string, stage: Stage, reason?: string, options: StageOptions = {}): void {
    this.#of('skipStage', id, (identity) => this.#stages.skip(identity, stage, reason, options))
  }

  /** Ends the request with its result and sends its root span; so do the next two. */
  completeRequest(id: string, result: RequestResult = {}): void {
    this.#of('completeRequest', id, (identity) => {
      this.#forget(identity)
      this.#requests.complete(identity, result)
    })
  }

  /**
   * Ends the request without a result.
   * @param options the stage that made it fail; if it is still open here, it fails with the same error.
   */
  failRequest(id: string, error: unknown, options: { stage?: Stage } = {}): void {
    this.#of('failRequest', id, (identity) => {
      const { stage } = options
      if (stage !== undefined) this.#stages.find(identity, stage)?.fail(error)
      this.#forget(identity)
      this.#requests.fail(identity, error, stage)
    })
  }

  /** Ends a request that nobody wants any more. @param reason what people read in its timeline */
  cancelRequest(id: string, reason?: string): void {
    this.#of('cancelRequest', id, (identity) => {
      this.#forget(identity)
      this.#requests.cancel(identity, reason)
    })
  }

  /**
   * Puts a line into the request's timeline.
   * @param type as in `api_call` or `cache_hit`; one without a dot gets `vividly.` in front.
   */
  logEvent(id: string, type: string, options: LogEventOptions & { stage?: Stage } = {}): void {
    this.#of('logEvent', id, (identity) => {
      const open = options.stage === undefined ? undefined : this.#stages.find(identity, options.stage)
      logEvent(identity, this.#pipeline, type, { ...options, open })
    })
  }

  /**
   * Runs a stage: it has started before `work` is called and ends when that returns or throws, whose value or
   * error, the very same, is what the caller gets. The stage's span is active meanwhile, so that whatever is
   * traced inside nests. What `work` returns is not sent; for that there is `stage.output(data)`.
   *
   * With `retry` the work is called again when it throws, each time in a child span of its own. Only then can
   * the error be the signal's reason: where that aborts while nothing runs.
   */
  trackStage<T>(
    id: string,
    stage: Stage,
    work: (stage: TrackedStage) => Promise<T> | T,
    options?: TrackStageOptions,
  ): Promise<T>
  /**
   * Begins a stage that ends with its block: `await using stage = tracker.trackStage(id, 'validation')`. Say
   * `stage.complete(output)` at the block's end: without it, or `fail` or `skip`, the stage has failed. What is
   * to nest under its span goes into `stage.run(() => …)`.
   */
  trackStage(id: string, stage: Stage, options?: OpenStageOptions): TrackedStage
  trackStage<T>(
    id: string,
    stage: Stage,
    workOrOptions?: ((stage: TrackedStage) => Promise<T> | T) | OpenStageOptions,
    options: TrackStageOptions = {},
  ): Promise<T> | TrackedStage {
    return typeof workOrOptions === 'function'
      ? this.#runStage(id, stage, workOrOptions, { ...options })
      : this.#openStage(id, stage, { ...workOrOptions })
  }

  /**
   * The request as the tracker knows it now.
   * @throws Error saying what stood in the way; the one method that fails.
   */
  async getRequestStatus(id: string): Promise<RequestStatus> {
    const { trackerUrl, statusTimeoutMs = DEFAULT_STATUS_TIMEOUT_MS } = this.#options
    return fetchRequestStatus(identityOf(id), trackerUrl, statusTimeoutMs)
  }

  async #runStage<T>(
    id: string,
    name: Stage,
    work: (stage: TrackedStage) => Promise<T> | T,
    options: TrackStageOptions,
  ): Promise<T> {
    const { retry } = options
    const policy = retry
      ? this.#safely('retry', () => toRetryPolicy(retry, toCount(options.maxAttempts)))
      : undefined
    const stage = this.#openStage(id, name, {
      ...(policy !== undefined && { maxAttempts: policy.maxRetries + 1 }),
      ...options,
    }, policy !== undefined)
    try {
      const value = await runAttempts(stage, policy, work, this.#safely)
      stage.complete()
      return value
    } catch (error) {
      stage.failOrCancel(error)
      throw error
    }
  }

  #openStage(id: string, name: Stage, options: OpenStageOptions, liveAttempts = false): TrackedStage {
    const identity = this.#safely('trackStage', () => identityOf(id))
    const open =
      identity &&
      this.#safely('trackStage', () => this.#stages.open(identity, name, options, { liveAttempts, watched: true }))
    return new TrackedStage({
      name,
      open,
      attempt: toCount(options.attempt) ?? 1,
      pipeline: this.#pipeline,
      signal: this.#safely('trackStage', () => eitherSignal(options.signal, this.#signals.get(identity?.traceId ?? ''))),
      safely: this.#safely,
      onEnd: () => identity && open && this.#stages.close(identity, name, open),
    })
  }

  #forget(identity: Identity): void {
    this.#stages.forget(identity)
    this.#signals.forget(identity.traceId)
  }

  #of(what: string, id: string, action: (identity: Identity) => void): void {
    this.#safely(what, () => action(identityOf(id)))
  }

  readonly #safely = <T>(what: string, action: () => T): T | undefined => {
    try {
      return action()
    } catch (error) {
      this.#warn(what, `${what} could not be tracked; further faults of this kind are not reported.`, error)
      return undefined
    }
  }
}

const eitherSignal = (one?: AbortSignal, other?: AbortSignal): AbortSignal | undefined =>
  one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other)
