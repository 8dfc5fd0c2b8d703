import type { z } from 'zod'
import type { StageRun } from '../../store/findStageRun.ts'
import {
  newEvent, newRequest, requestCancellation, requestCompletion, requestFailure, requestStart, stageCompletion,
  stageFailure, stageProgress, stageRetry, stageSkip, stageStart,
} from '../../trackingContract.ts'
import { tellCancelled, tellCompleted, tellCreated, tellEvent, tellFailed, tellStarted } from './tellRequest.ts'
import {
  tellStageCompleted, tellStageFailed, tellStageProgress, tellStageRetry, tellStageSkipped, tellStageStarted,
} from './tellStage.ts'
import type { Telling } from './Telling.ts'

export type TrackingOperation = {
  /** Below TRACKING_BASE, a path parameter in braces. */
  path: string
  summary: string
  body: z.ZodObject
  /**
   * Adds what the body says to the telling; `body` has been read by the schema of this operation. `stage` is the one
   * that path or body name, `before` what was told of it.
   */
  tell: (telling: Telling, body: never, stage: string, before: StageRun | undefined) => void
}

function ofRequest<S extends z.ZodObject>(
  path: string,
  summary: string,
  body: S,
  tell: (telling: Telling, body: z.infer<S>, run: StageRun | undefined) => void,
): TrackingOperation {
  return { path, summary, body, tell: (telling, said, _stage, before) => tell(telling, said, before) }
}

function ofStage<S extends z.ZodObject>(
  verb: string,
  summary: string,
  body: S,
  tell: (telling: Telling, told: { stage: string; before: StageRun | undefined }, body: z.infer<S>) => void,
): TrackingOperation {
  const path = `/requests/{id}/stages/{stage}/${verb}`
  return { path, summary, body, tell: (telling, said, stage, before) => tell(telling, { stage, before }, said) }
}

/** Every call under TRACKING_BASE: what the routes and the OpenAPI document are made of. */
export const trackingOperations: readonly TrackingOperation[] = [
  ofRequest('/requests', 'Create a request', newRequest, tellCreated),
  ofRequest('/requests/{id}/start', 'A worker has taken the request up', requestStart, tellStarted),
  ofRequest('/requests/{id}/complete', 'End a request with its result', requestCompletion, tellCompleted),
  ofRequest('/requests/{id}/fail', 'End a request without a result', requestFailure, tellFailed),
  ofRequest('/requests/{id}/cancel', 'End a request that nobody wants any more', requestCancellation, tellCancelled),
  ofRequest('/requests/{id}/events', 'Put a line into the timeline', newEvent, tellEvent),
  ofStage('start', 'Begin a stage, or its next attempt', stageStart, tellStageStarted),
  ofStage('progress', 'A sign of life of a running stage', stageProgress, tellStageProgress),
  ofStage('retry', 'An attempt failed and another follows', stageRetry, tellStageRetry),
  ofStage('complete', 'End a stage as done', stageCompletion, tellStageCompleted),
  ofStage('fail', 'End a stage as failed for good', stageFailure, tellStageFailed),
  ofStage('skip', 'End a stage as not needed', stageSkip, tellStageSkipped),
]
