/** When and how often a stage is tried again. Functions of yours that throw mean no further try, and a warning. */
export type RetryOptions = {
  /** Default 3, that is four attempts; 0 for none. */
  maxRetries?: number
  /** The longest back-off before the first retry; it doubles with each. Default 1000. */
  initialDelayMs?: number
  /** What the doubling stops at. Default 30000. */
  maxDelayMs?: number
  /** Who asks for a longer wait than this gets no further try. Default 120000. */
  longestWaitMs?: number
  /** @param attempt the one that failed, from 1. Default: all but an `AbortError` is worth another try. */
  shouldRetry?(error: unknown, attempt: number): boolean
  /**
   * The least wait before the next try, where the error knows better than what is looked for by default:
   * `error.retryAfterMs`, `Retry-After` in `error.headers` or `error.response.headers`, an open circuit breaker.
   */
  delayMs?(error: unknown): number | undefined
  /** 0 to 1; default `Math.random`. */
  random?(): number
}

export const DEFAULT_MAX_RETRIES = 3
const DEFAULT_INITIAL_DELAY_MS = 1000
const DEFAULT_MAX_DELAY_MS = 30_000
const DEFAULT_LONGEST_WAIT_MS = 120_000
/** The longest that a timer of Node waits. */
const MAX_TIMER_MS = 2 ** 31 - 1

export type RetryPolicy = Required<Omit<RetryOptions, 'delayMs' | 'shouldRetry'>> &
  Pick<RetryOptions, 'delayMs' | 'shouldRetry'>

/** @param maxAttempts the stage's own, where the options don't say how many retries. */
export function toRetryPolicy(options: true | RetryOptions, maxAttempts: number | undefined): RetryPolicy {
  const given = options === true ? {} : options
  const defaultRetries = maxAttempts === undefined ? DEFAULT_MAX_RETRIES : maxAttempts - 1
  return {
    maxRetries: Math.floor(atLeastZero(given.maxRetries, defaultRetries)),
    initialDelayMs: atLeastZero(given.initialDelayMs, DEFAULT_INITIAL_DELAY_MS),
    maxDelayMs: Math.min(atLeastZero(given.maxDelayMs, DEFAULT_MAX_DELAY_MS), MAX_TIMER_MS / 2),
    longestWaitMs: Math.min(atLeastZero(given.longestWaitMs, DEFAULT_LONGEST_WAIT_MS), MAX_TIMER_MS / 2),
    random: given.random?.bind(given) ?? Math.random,
    ...(given.shouldRetry && { shouldRetry: given.shouldRetry.bind(given) }),
    ...(given.delayMs && { delayMs: given.delayMs.bind(given) }),
  }
}

const atLeastZero = (value: number | undefined, fallback: number): number =>
  typeof value === 'number' && value >= 0 ? value : fallback
