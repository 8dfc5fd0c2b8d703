import { askedWaitMs } from './askedWaitMs.ts'
import type { RetryPolicy } from './RetryOptions.ts'

/**
 * How long to wait before the next attempt: what was asked for, and on top of it full jitter, a random share of
 * the exponential back-off, so that what failed together does not come back together.
 * (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015.)
 *
 * @param attempt the one that failed, from 1
 * @returns milliseconds, or `undefined` if there is to be no further attempt. Throws what the policy's functions throw.
 */
export function nextDelayMs(
  policy: RetryPolicy,
  error: unknown,
  attempt: number,
  nowUnixMs: number,
): number | undefined {
  if (attempt > policy.maxRetries || isAbort(error)) return undefined
  if (policy.shouldRetry?.(error, attempt) === false) return undefined
  const askedMs = policy.delayMs?.(error) ?? askedWaitMs(error, nowUnixMs)
  const leastMs = askedMs > 0 ? askedMs : 0
  if (leastMs > policy.longestWaitMs) return undefined
  const backoffMs = Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** (attempt - 1))
  return Math.ceil(leastMs + backoffMs * toShare(policy.random()))
}

const isAbort = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'

const toShare = (random: number): number => (random >= 0 ? Math.min(random, 1) : 0)
