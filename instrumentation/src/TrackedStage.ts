import { logEvent } from './logEvent.ts'
import type { LogEventOptions } from './logEvent.ts'
import type { OpenStage } from './OpenStage.ts'
import type { Retry } from './stageEvents.ts'

/** How the tracker keeps its own faults from a host: it runs the action, and warns where that throws. */
export type Safely = <T>(what: string, action: () => T) => T | undefined

/** What `trackStage` gives to its callback. Nothing here throws or waits. */
export class TrackedStage {
  readonly #open: OpenStage | undefined
  readonly #safely: Safely
  readonly #pipeline: string
  #output: unknown

  /** Made by `RequestTracker.trackStage` only. */
  constructor(open: OpenStage | undefined, safely: Safely, pipeline: string) {
    this.#open = open
    this.#safely = safely
    this.#pipeline = pipeline
  }

  /** The attempt the stage is at, from 1. */
  get attempt(): number {
    return this.#open?.attempt ?? 1
  }

  /** Says that this attempt failed and that another follows after `delayMs`. The caller waits, not we. */
  retry(retry: Retry): void {
    this.#safely('stage.retry', () => this.#open?.retry(retry))
  }

  /** Begins the next attempt, after {@link retry} and its wait. */
  startAttempt(): void {
    this.#safely('stage.startAttempt', () => this.#open?.startAttempt())
  }

  /**
   * A sign of life while the stage runs, say every few seconds.
   * @param ratio how much is done, 0 to 1.
   */
  progress(ratio: number, message?: string): void {
    this.#safely('stage.progress', () => this.#open?.progress(ratio, message))
  }

  /** The output data shown with the stage once it has completed; called again, the last one counts. */
  output(data: unknown): void {
    this.#output = data
  }

  /** An event of this stage in the request's timeline; as `RequestTracker.logEvent`. */
  log(type: string, options: Omit<LogEventOptions, 'stage'> = {}): void {
    const open = this.#open
    if (open !== undefined)
      this.#safely('stage.log', () => logEvent(open.context, this.#pipeline, type, options))
  }

  /** Ends the stage with what {@link output} was given. For `trackStage`. */
  complete(): void {
    this.#safely('trackStage', () => this.#open?.complete(this.#output))
  }

  /** For `trackStage`. */
  fail(error: unknown): void {
    this.#safely('trackStage', () => this.#open?.fail(error))
  }
}
