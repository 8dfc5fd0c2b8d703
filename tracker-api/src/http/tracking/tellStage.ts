import {
  completedEvent, errorAttributes, errorMessage, failedEvent, heartbeatEvent, retryEvent, skippedEvent, stageAttributes,
  startedEvent,
} from '@vividly/instrumentation/events'
import type { StageRun as Run } from '@vividly/instrumentation/events'
import { ATTR_STAGE_ATTEMPT, ATTR_STAGE_OUTPUT, ATTR_STAGE_STATUS } from '@vividly/instrumentation/semconv'
import type { StageOutcome } from '@vividly/instrumentation/semconv'
import type { z } from 'zod'
import type { StageRun } from '../../store/findStageRun.ts'
import type { stageCompletion, stageFailure, stageProgress, stageRetry, stageSkip, stageStart } from '../../trackingContract.ts'
import { attemptSpanIdOf, stageSpanIdOf } from './spanIds.ts'
import type { Telling } from './Telling.ts'
import { toThrown } from './toThrown.ts'

/** A stage that is told of, and what was told of it before. */
export type ToldStage = { stage: string; before: StageRun | undefined }

export function tellStageStarted(telling: Telling, told: ToldStage, body: z.infer<typeof stageStart>): void {
  telling.event(startedEvent(runOf(telling, told, body, nextAttempt(told))), spanIdOf(telling, told))
}

export function tellStageProgress(telling: Telling, told: ToldStage, body: z.infer<typeof stageProgress>): void {
  const { ratio = Number.NaN, message } = body
  const progress = body.ratio === undefined && message === undefined ? undefined : { ratio, ...(message !== undefined && { message }) }
  telling.event(heartbeatEvent(runOf(telling, told, body), progress), spanIdOf(telling, told))
}

export function tellStageRetry(telling: Telling, told: ToldStage, body: z.infer<typeof stageRetry>): void {
  const run = runOf(telling, told, body)
  const { reason, delay_ms: delayMs, error } = body
  const thrown = error === undefined ? undefined : toThrown(error)
  telling.event(retryEvent(run, { reason, delayMs, error: thrown }), spanIdOf(telling, told))
  tellAttempt(telling, told, run, thrown ?? reason)
}

export function tellStageCompleted(telling: Telling, told: ToldStage, body: z.infer<typeof stageCompletion>): void {
  const run = runOf(telling, told, body, nextAttempt(told))
  const startsHere = told.before?.isWaiting === true && run.attempt > told.before.attempt
  if (startsHere) telling.event(startedEvent(run), spanIdOf(telling, told))
  const event = completedEvent(run, body.output)
  telling.event(event, spanIdOf(telling, told))
  if (run.attempt > 1) tellAttempt(telling, told, run, undefined, startsHere ? telling.timeUs : undefined)
  const output = event.attributes[ATTR_STAGE_OUTPUT]
  tellSpan(telling, told, run, 'completed', output === undefined ? {} : { [ATTR_STAGE_OUTPUT]: JSON.stringify(output) })
}

export function tellStageFailed(telling: Telling, told: ToldStage, body: z.infer<typeof stageFailure>): void {
  const run = runOf(telling, told, body)
  const thrown = toThrown(body.error)
  telling.event(failedEvent(run, thrown), spanIdOf(telling, told))
  if (run.attempt > 1 && told.before?.isWaiting !== true) tellAttempt(telling, told, run, thrown)
  tellSpan(telling, told, run, 'failed', errorAttributes(thrown), errorMessage(thrown))
}

export function tellStageSkipped(telling: Telling, told: ToldStage, body: z.infer<typeof stageSkip>): void {
  const run = runOf(telling, told, body)
  telling.event(skippedEvent(run, body.reason), spanIdOf(telling, told))
  if (run.attempt > 1 && told.before?.isWaiting !== true) tellAttempt(telling, told, run)
  tellSpan(telling, told, run, 'skipped')
}

const spanIdOf = ({ identity }: Telling, { stage }: ToldStage): string => stageSpanIdOf(identity, stage)

/** After a retry the one that follows it. */
const nextAttempt = ({ before }: ToldStage): number => (before?.isWaiting ? before.attempt + 1 : (before?.attempt ?? 1))

function runOf(
  { pipeline }: Telling,
  { stage, before }: ToldStage,
  body: z.infer<typeof stageStart>,
  attempt: number = before?.attempt ?? 1,
): Run {
  return {
    pipeline,
    stage,
    attempt: body.attempt ?? attempt,
    ...(body.max_attempts !== undefined && { maxAttempts: body.max_attempts }),
  }
}

/** The stage's span, where its start was told. */
function tellSpan(
  telling: Telling,
  { stage, before }: ToldStage,
  run: Run,
  outcome: StageOutcome,
  attributes: object = {},
  message?: string,
): void {
  if (before?.startedUs === undefined) return
  const { identity } = telling
  telling.span({
    name: stage,
    spanId: stageSpanIdOf(identity, stage),
    parentSpanId: identity.rootSpanId,
    startUs: before.startedUs,
    attributes: { ...attributes, ...stageAttributes(run), [ATTR_STAGE_STATUS]: outcome },
    errorMessage: message,
  })
}

/** A stage that was retried has a span for each attempt, where that one's start was told. */
function tellAttempt(
  telling: Telling,
  { stage, before }: ToldStage,
  { attempt }: Run,
  thrown?: unknown,
  startUs: number | undefined = before?.attempt === attempt ? before.attemptStartedUs : undefined,
): void {
  if (startUs === undefined) return
  const { identity } = telling
  telling.span({
    name: `${stage} attempt`,
    spanId: attemptSpanIdOf(identity, stage, attempt),
    parentSpanId: stageSpanIdOf(identity, stage),
    startUs,
    attributes: { ...(thrown !== undefined && errorAttributes(thrown)), [ATTR_STAGE_ATTEMPT]: attempt },
    errorMessage: thrown === undefined ? undefined : errorMessage(thrown),
  })
}
