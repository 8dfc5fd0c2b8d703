import { handleWhen, retry } from 'cockatiel'
import { ProviderError } from './ProviderError.ts'
import { stageBackoff } from './stageBackoff.ts'

export const MAX_RETRIES = 3
/** Seconds at speed 1, and least milliseconds: whoever asks us to wait longer gets no further attempt. */
const LONGEST_WAIT_SECONDS = 120
const LEAST_LONGEST_WAIT_MS = 2000

/** What a retry tells the tracker: the `stage` that `trackStage` hands to its callback has it. */
export type RetryListener = {
  retry: (retry: { delayMs: number; reason: string; error: unknown }) => void
  startAttempt: () => void
}

/**
 * Runs one stage's work, again after a failure that time may heal: at most three more times, with exponential back-off.
 * While a breaker is open the wait is the breaker's, so no attempt is wasted on it.
 * Each failed attempt and each new one is told to the tracker: these two lines are all that retries need.
 */
export async function retryStage<T>(stage: RetryListener, speed: number, work: () => Promise<T>): Promise<T> {
  const longestWaitMs = Math.max(LEAST_LONGEST_WAIT_MS, (LONGEST_WAIT_SECONDS * 1000) / speed)
  const policy = retry(handleWhen((error) => isRetryable(error, longestWaitMs)), { maxAttempts: MAX_RETRIES, backoff: stageBackoff(speed) })
  policy.onRetry((failure) => {
    const error = 'error' in failure ? failure.error : failure.value
    const reason = error instanceof Error ? error.message : String(error)
    stage.retry({ delayMs: Math.round(failure.delay), reason, error })
  })
  return policy.execute(({ attempt }) => {
    if (attempt > 0) stage.startAttempt()
    return work()
  })
}

/** Providers fail for a while; our own errors and wrong requests fail the same way each time. */
const isRetryable = (error: unknown, longestWaitMs: number): boolean =>
  error instanceof ProviderError && error.retryable && error.waitMs <= longestWaitMs
