import { errorMessage } from '../errorAttributes.ts'
import { nextDelayMs } from '../retry/nextDelayMs.ts'
import type { RetryPolicy } from '../retry/RetryOptions.ts'
import { waitFor } from '../retry/waitFor.ts'
import type { Safely, TrackedStage } from './TrackedStage.ts'

/**
 * Runs a stage's work until it returns, or its policy allows no further attempt, or the stage is cancelled or ended.
 * Works the same for a stage that can't be tracked: the host's retries don't depend on us.
 * @throws what the last attempt threw, or the signal's reason where that aborted a wait.
 */
export async function runAttempts<T>(
  stage: TrackedStage,
  policy: RetryPolicy | undefined,
  work: (stage: TrackedStage) => Promise<T> | T,
  safely: Safely,
): Promise<T> {
  const signal = stage.givenSignal
  signal?.throwIfAborted()
  for (;;) {
    try {
      return await stage.run(() => work(stage))
    } catch (error) {
      if (policy === undefined || signal?.aborted === true || stage.hasEnded) throw error
      const delayMs = safely('retry', () => nextDelayMs(policy, error, stage.attempt, Date.now()))
      if (delayMs === undefined) throw error
      stage.retry({ delayMs, reason: errorMessage(error), error })
      await waitFor(delayMs, signal)
      stage.startAttempt()
    }
  }
}
