import { DelegateBackoff, ExponentialBackoff, type FailureReason, halfJitterGenerator, type IBackoff } from 'cockatiel'
import { ProviderError } from './ProviderError.ts'

/** Seconds at speed 1: 4, 8, 16, each cut by up to half at random, so that requests that failed together part. */
export const FIRST_DELAY_SECONDS = 4
export const MAX_DELAY_SECONDS = 30

type Failure = { result: FailureReason<unknown> }

/** Exponential with jitter, but never sooner than the provider or its breaker asked for. */
export function stageBackoff(speed: number): DelegateBackoff<Failure, IBackoff<unknown>> {
  const exponential = new ExponentialBackoff({
    generator: halfJitterGenerator,
    initialDelay: (FIRST_DELAY_SECONDS * 1000) / speed,
    maxDelay: (MAX_DELAY_SECONDS * 1000) / speed,
  })
  return new DelegateBackoff<Failure, IBackoff<unknown>>(({ result }, last) => {
    const state: IBackoff<unknown> = last ? last.next(undefined) : exponential.next()
    return { delay: Math.max(state.duration, waitAskedForMs(result)), state }
  })
}

const waitAskedForMs = (result: Failure['result']): number =>
  'error' in result && result.error instanceof ProviderError ? result.error.waitMs : 0
