import type { RetryOptions } from '../retry/RetryOptions.ts'

/** Which try of a stage it is, and how it gives signs of life. */
export type StageOptions = {
  /** From 1; default 1, or the next one after a retry. Say it where a queue counts the deliveries. */
  attempt?: number
  /** Retries + 1; default what the pipeline's definition says. */
  maxAttempts?: number
  /**
   * Milliseconds between the signs of life that a running stage gives by itself; default 10000, 0 for none. One
   * begun with `startStage` gives none after an hour, for it may have ended elsewhere: say 0 where that is so.
   */
  heartbeatIntervalMs?: number
}

/** Of a stage that this process runs. */
export type OpenStageOptions = StageOptions & {
  /**
   * Cancels the stage: `stage.signal` aborts, a wait between retries ends at once, and no further attempt is
   * made. If the work then throws, the stage has been skipped, `cancelled: <the reason>`, or if the reason is
   * a `TimeoutError`, has failed. Work that returns all the same has completed.
   */
  signal?: AbortSignal
}

/** Of a stage whose work is a callback. */
export type TrackStageOptions = OpenStageOptions & {
  /** Calls the work again when it throws, `true` with three retries. Each attempt gets a span of its own. */
  retry?: boolean | RetryOptions
}
