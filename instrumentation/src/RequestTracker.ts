import { context } from '@opentelemetry/api'
import { fetchRequestStatus } from './fetchRequestStatus.ts'
import type { RequestStatus } from './fetchRequestStatus.ts'
import { identityOf, newCorrelationId, traceparentOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { logEvent } from './logEvent.ts'
import type { LogEventOptions } from './logEvent.ts'
import type { NewRequest, RequestResult } from './requestAttributes.ts'
import { currentContext } from './requestContext.ts'
import { RequestLifecycle } from './RequestLifecycle.ts'
import { DEFAULT_PIPELINE } from './semconv.ts'
import type { Retry } from './stageEvents.ts'
import { StageLifecycle } from './StageLifecycle.ts'
import type { StageOptions } from './StageLifecycle.ts'
import { TrackedStage } from './TrackedStage.ts'
import { makeWarnOnce } from './warnOnce.ts'

export type RequestTrackerOptions = {
  /** Default `content_generation`. */
  pipeline?: string
  /** Where `getRequestStatus` asks, if `VIVIDLY_TRACKER_URL` does not say. */
  trackerUrl?: string
  /** How long `getRequestStatus` waits for the answer; default 10000. */
  statusTimeoutMs?: number
}

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
export class RequestTracker {
  readonly #pipeline: string
  readonly #options: RequestTrackerOptions
  readonly #warn = makeWarnOnce()
  readonly #requests: RequestLifecycle
  readonly #stages: StageLifecycle

  constructor(options: RequestTrackerOptions = {}) {
    this.#options = options
    this.#pipeline = options.pipeline ?? DEFAULT_PIPELINE
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

  /** A worker has taken the request up. */
  startRequest(id: string): void {
    this.#of('startRequest', id, (identity) => this.#requests.start(identity))
  }

  /** Begins a stage, or after {@link retryStage} its next attempt. Prefer {@link trackStage}. */
  startStage(id: string, stage: string, options: StageOptions = {}): void {
    this.#of('startStage', id, (identity) => this.#stages.start(identity, stage, options))
  }

  /** @param options needed where the stage was started in another process: its attempt, if not the first. */
  completeStage(id: string, stage: string, output?: unknown, options: StageOptions = {}): void {
    this.#of('completeStage', id, (identity) => this.#stages.complete(identity, stage, output, options))
  }

  /** The stage failed for good. Options as {@link completeStage}. */
  failStage(id: string, stage: string, error: unknown, options: StageOptions = {}): void {
    this.#of('failStage', id, (identity) => this.#stages.fail(identity, stage, error, options))
  }

  /** An attempt failed; the next follows after `delayMs`, with {@link startStage}. Else as {@link completeStage}. */
  retryStage(id: string, stage: string, retry: Retry & StageOptions): void {
    this.#of('retryStage', id, (identity) => this.#stages.retry(identity, stage, retry))
  }

  skipStage(id: string, stage: string, reason?: string, options: StageOptions = {}): void {
    this.#of('skipStage', id, (identity) => this.#stages.skip(identity, stage, reason, options))
  }

  /** Ends the request with its result and sends its root span; so do the next two. */
  completeRequest(id: string, result: RequestResult = {}): void {
    this.#of('completeRequest', id, (identity) => {
      this.#stages.forget(identity)
      this.#requests.complete(identity, result)
    })
  }

  /** @param options the stage that made it fail; if it is still open here, it fails with the same error. */
  failRequest(id: string, error: unknown, options: { stage?: string } = {}): void {
    this.#of('failRequest', id, (identity) => {
      const { stage } = options
      if (stage !== undefined) this.#stages.find(identity, stage)?.fail(error)
      this.#stages.forget(identity)
      this.#requests.fail(identity, error, stage)
    })
  }

  cancelRequest(id: string, reason?: string): void {
    this.#of('cancelRequest', id, (identity) => {
      this.#stages.forget(identity)
      this.#requests.cancel(identity, reason)
    })
  }

  /** @param type as in `api_call` or `cache_hit`; one without a dot gets `vividly.` in front. */
  logEvent(id: string, type: string, options: LogEventOptions = {}): void {
    this.#of('logEvent', id, (identity) => {
      const open = options.stage === undefined ? undefined : this.#stages.find(identity, options.stage)
      logEvent(open?.context ?? currentContext(identity), this.#pipeline, type, options)
    })
  }

  /**
   * Runs a stage: it has started before `work` is called and ends when that returns or throws, whose value or
   * error, the very same, is what the caller gets. The stage's span is active meanwhile, so that whatever is
   * traced inside nests. What `work` returns is not sent; for that there is `stage.output(data)`.
   */
  async trackStage<T>(
    id: string,
    stage: string,
    work: (stage: TrackedStage) => Promise<T> | T,
    options: StageOptions = {},
  ): Promise<T> {
    const identity = this.#safely('trackStage', () => identityOf(id))
    const open = identity && this.#safely('trackStage', () => this.#stages.open(identity, stage, options))
    const handle = new TrackedStage(open, this.#safely, this.#pipeline)
    try {
      const value = await (open === undefined
        ? work(handle)
        : context.with(open.context, work, undefined, handle))
      handle.complete()
      return value
    } catch (error) {
      handle.fail(error)
      throw error
    } finally {
      if (identity !== undefined && open !== undefined) this.#stages.close(identity, stage, open)
    }
  }

  /**
   * The request as the tracker knows it now.
   * @throws Error saying what stood in the way; the one method that fails.
   */
  async getRequestStatus(id: string): Promise<RequestStatus> {
    const { trackerUrl, statusTimeoutMs = DEFAULT_STATUS_TIMEOUT_MS } = this.#options
    return fetchRequestStatus(identityOf(id), trackerUrl, statusTimeoutMs)
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
