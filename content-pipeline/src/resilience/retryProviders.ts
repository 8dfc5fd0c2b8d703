import type { RetryOptions } from '@vividly/instrumentation'
import { ProviderError } from './ProviderError.ts'

/** Seconds at speed 1, and least milliseconds: whoever asks us to wait longer gets no further attempt. */
const LONGEST_WAIT_SECONDS = 120
const LEAST_LONGEST_WAIT_MS = 2000

/**
 * How stages retry: what a provider may answer better later, three more times, after 4, 8, 16 s at most at speed 1.
 * Our own errors and wrong requests fail the same way each time. A provider or an open breaker that says when to come
 * back (`retryAfterMs`) is waited for, so no attempt is wasted on it.
 */
export function retryProviders(speed: number): RetryOptions {
  return {
    initialDelayMs: 4000 / speed,
    maxDelayMs: 30_000 / speed,
    longestWaitMs: Math.max(LEAST_LONGEST_WAIT_MS, (LONGEST_WAIT_SECONDS * 1000) / speed),
    shouldRetry: (error) => error instanceof ProviderError && error.retryable,
  }
}
