import type { Attributes } from '@opentelemetry/api'
import type { TrackedEvent } from '../emitEvent.ts'
import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import {
  ATTR_PIPELINE_NAME,
  ATTR_PROCESS_EVENT_LOOP_LAG_MS,
  ATTR_RETRY_DELAY_MS,
  ATTR_RETRY_REASON,
  ATTR_STAGE_ATTEMPT,
  ATTR_STAGE_MAX_ATTEMPTS,
  ATTR_STAGE_NAME,
  ATTR_STAGE_OUTPUT,
  ATTR_STAGE_PROGRESS_MESSAGE,
  ATTR_STAGE_PROGRESS_RATIO,
  EVENT_RETRY,
  EVENT_STAGE_COMPLETED,
  EVENT_STAGE_FAILED,
  EVENT_STAGE_HEARTBEAT,
  EVENT_STAGE_SKIPPED,
  EVENT_STAGE_STARTED,
} from '../semconv.ts'
import { toPlain } from '../toPlain.ts'

/** Which stage, which try. */
export type StageRun = {
  pipeline: string
  stage: string
  /** From 1. */
  attempt: number
  /** Retries + 1; absent, the pipeline's definition decides. */
  maxAttempts?: number
}

/** Why an attempt failed, and how long the wait for the next one is. */
export type Retry = {
  /** Milliseconds until the next attempt begins. */
  delayMs: number
  reason: string
  /** What made the attempt fail. */
  error?: unknown
}

export type EventContent = Omit<TrackedEvent, 'context' | 'time'>

export function stageAttributes({ pipeline, stage, attempt, maxAttempts }: StageRun): Attributes {
  return {
    [ATTR_PIPELINE_NAME]: pipeline,
    [ATTR_STAGE_NAME]: stage,
    [ATTR_STAGE_ATTEMPT]: attempt,
    ...(maxAttempts !== undefined && { [ATTR_STAGE_MAX_ATTEMPTS]: maxAttempts }),
  }
}

export function startedEvent(run: StageRun): EventContent {
  const again = run.attempt > 1 ? ` (attempt ${run.attempt})` : ''
  return {
    name: EVENT_STAGE_STARTED,
    message: `${run.stage} started${again}`,
    attributes: stageAttributes(run),
  }
}

export function completedEvent(run: StageRun, output?: unknown): EventContent {
  const value = toPlain(output) ?? undefined
  return {
    name: EVENT_STAGE_COMPLETED,
    message: `${run.stage} completed`,
    attributes: { ...stageAttributes(run), ...(value !== undefined && { [ATTR_STAGE_OUTPUT]: value }) },
  }
}

export function failedEvent(run: StageRun, error: unknown): EventContent {
  return {
    name: EVENT_STAGE_FAILED,
    message: `${run.stage} failed: ${errorMessage(error)}`,
    severity: 'error',
    attributes: { ...errorAttributes(error), ...stageAttributes(run) },
  }
}

export function skippedEvent(run: StageRun, reason?: string): EventContent {
  const why = reason === undefined ? '' : `: ${reason}`
  return {
    name: EVENT_STAGE_SKIPPED,
    message: `${run.stage} skipped${why}`,
    attributes: stageAttributes(run),
  }
}

/** `run.attempt` is the one that failed. */
export function retryEvent(run: StageRun, { delayMs, reason, error }: Retry): EventContent {
  const delay = Number.isFinite(delayMs) && delayMs > 0 ? Math.round(delayMs) : 0
  return {
    name: EVENT_RETRY,
    message: `${run.stage} attempt ${run.attempt} failed: ${reason}; next try in ${delay} ms`,
    severity: 'warning',
    attributes: {
      ...errorAttributes(error),
      ...stageAttributes(run),
      [ATTR_RETRY_DELAY_MS]: delay,
      [ATTR_RETRY_REASON]: reason,
    },
  }
}

/** How much is done, 0 to 1, and what is being done. */
export type Progress = { ratio: number; message?: string }

/**
 * What lies outside 0 to 1 is moved to the nearer end, what is no number is left out.
 * @param eventLoopLagMs the process's worst of late, where it is known.
 */
export function heartbeatEvent(
  run: StageRun,
  progress: Progress | undefined,
  eventLoopLagMs?: number,
): EventContent {
  const { ratio, message } = progress ?? {}
  const known = typeof ratio === 'number' && !Number.isNaN(ratio)
  const done = known ? Math.min(Math.max(ratio, 0), 1) : 0
  const percent = known ? ` ${Math.round(done * 100)} %` : ''
  const doing = message === undefined ? '' : `: ${message}`
  return {
    name: EVENT_STAGE_HEARTBEAT,
    message: progress === undefined ? `${run.stage} is running` : `${run.stage}${percent}${doing}`,
    attributes: {
      ...stageAttributes(run),
      ...(known && { [ATTR_STAGE_PROGRESS_RATIO]: done }),
      ...(message !== undefined && { [ATTR_STAGE_PROGRESS_MESSAGE]: message }),
      ...(eventLoopLagMs !== undefined && { [ATTR_PROCESS_EVENT_LOOP_LAG_MS]: eventLoopLagMs }),
    },
  }
}
