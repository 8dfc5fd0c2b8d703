import { context } from '@opentelemetry/api'
import { logEvent } from '../logEvent.ts'
import type { LogEventOptions } from '../logEvent.ts'
import { messageOf } from '../warnOnce.ts'
import type { OpenStage } from './OpenStage.ts'
import type { Retry } from './stageEvents.ts'

/** How the tracker keeps its own faults from a host: it runs the action, and warns where that throws. */
export type Safely = <T>(what: string, action: () => T) => T | undefined

export type TrackedStageParts = {
  name: string
  /** Absent where the stage can't be tracked, and the work is to run all the same. */
  open: OpenStage | undefined
  attempt: number
  pipeline: string
  signal: AbortSignal | undefined
  safely: Safely
  onEnd: () => void
}

/**
 * A running stage, as `trackStage` hands it out: to its callback, or without one to its caller. Nothing here throws
 * or waits. The first of `complete`, `fail` and `skip` ends the stage, and nothing is told after it.
 */
export class TrackedStage implements Disposable, AsyncDisposable {
  readonly #parts: TrackedStageParts
  #output: unknown
  #untrackedAttempt: number
  #signal: AbortSignal | undefined
  #ended = false

  /** Made by `RequestTracker.trackStage` only. */
  constructor(parts: TrackedStageParts) {
    this.#parts = parts
    this.#untrackedAttempt = parts.attempt
    this.#signal = parts.signal
  }

  /** The attempt the stage is at, from 1. */
  get attempt(): number {
    return this.#parts.open?.attempt ?? this.#untrackedAttempt
  }

  /** Aborts with the signal that `trackStage` was given or with that of `startRequest`, if either was given one. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController().signal
    return this.#signal
  }

  /** {@link signal} where there is one that can abort. */
  get givenSignal(): AbortSignal | undefined {
    return this.#parts.signal
  }

  /** It ended before its work did, by a call here, or for the whole request. */
  get hasEnded(): boolean {
    return this.#ended || this.#parts.open?.hasEnded === true
  }

  /**
   * How much is done, 0 to 1, and what is being done. Told at most once a second, the newest always.
   * @param ratio what lies outside is moved to the nearer end.
   */
  progress(ratio: number, message?: string): void {
    this.#safely('stage.progress', () => this.#parts.open?.progress(ratio, message))
  }

  /** The output data shown with the stage once it has completed; called again, the last one counts. */
  output(data: unknown): void {
    this.#output = data
  }

  /** An event of this stage in the request's timeline; as `RequestTracker.logEvent`. */
  log(type: string, options: Omit<LogEventOptions, 'stage'> = {}): void {
    const { open, pipeline } = this.#parts
    if (open !== undefined) this.#safely('stage.log', () => logEvent(open.identity, pipeline, type, { ...options, open }))
  }

  /** Runs `work` with the stage's span active, so that what is traced in it nests. `trackStage` does so by itself. */
  run<T>(work: () => T): T {
    const { open } = this.#parts
    return open === undefined ? work() : context.with(open.context, work)
  }

  /** Says that this attempt failed and that another follows after `delayMs`. The caller waits, not we. */
  retry(retry: Retry): void {
    this.#safely('stage.retry', () => this.#parts.open?.retry(retry))
  }

  /** Begins the next attempt, after {@link retry} and its wait. */
  startAttempt(): void {
    this.#untrackedAttempt += 1
    this.#safely('stage.startAttempt', () => this.#parts.open?.startAttempt())
  }

  /** Ends the stage as done. @param output as {@link output}. */
  complete(output: unknown = this.#output): void {
    this.#end(() => this.#parts.open?.complete(output))
  }

  /** Ends the stage as failed for good. */
  fail(error: unknown): void {
    this.#end(() => this.#parts.open?.fail(error))
  }

  /** Ends the stage as not needed. */
  skip(reason?: string): void {
    this.#end(() => this.#parts.open?.skip(reason))
  }

  /** Ends the stage for an error that its work threw: cancelled work is skipped, other work has failed. */
  failOrCancel(error: unknown): void {
    const { signal } = this.#parts
    if (signal?.aborted === true && !isTimeout(signal)) this.skip(`cancelled: ${messageOf(signal.reason)}`)
    else this.fail(error)
  }

  /** At the end of an `await using` block. A stage that nobody ended has failed: most likely the block threw. */
  [Symbol.dispose](): void {
    if (this.hasEnded) return
    const { name } = this.#parts
    this.failOrCancel(
      new Error(`The block of ${name} was left without complete() or fail(): it threw, or forgot to say how it ended.`),
    )
  }

  /** As at the end of a `using` block; nothing is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
  }

  #end(how: () => void): void {
    if (this.#ended) return
    this.#ended = true
    this.#safely('trackStage', how)
    this.#safely('trackStage', this.#parts.onEnd)
  }

  #safely(what: string, action: () => void): void {
    this.#parts.safely(what, action)
  }
}

const isTimeout = ({ reason }: AbortSignal): boolean =>
  typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError'
