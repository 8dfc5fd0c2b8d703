import { context } from '@opentelemetry/api'
import { emitEvent } from '../emitEvent.ts'
import type { Identity } from '../identity.ts'
import { currentContext } from '../requestContext.ts'
import type { Warn } from '../warnOnce.ts'
import { OpenStage } from './OpenStage.ts'
import type { OpenStageMode } from './OpenStage.ts'
import { OpenStages } from './OpenStages.ts'
import { completedEvent, failedEvent, retryEvent, skippedEvent } from './stageEvents.ts'
import type { EventContent, Retry, StageRun } from './stageEvents.ts'
import type { StageOptions } from './StageOptions.ts'

const MAX_OPEN_REQUESTS = 10_000
const MAX_NAME_CHARACTERS = 200

/**
 * Stages told step by step. What was started in this process goes on with its span; of a stage that another
 * process started only the records are sent, for which the correlation ID and the attempt are enough.
 */
export class StageLifecycle {
  readonly #pipeline: string
  readonly #open: OpenStages

  constructor(pipeline: string, warn: Warn) {
    this.#pipeline = pipeline
    this.#open = new OpenStages(MAX_OPEN_REQUESTS, () =>
      warn(
        'too many open',
        `stages of over ${MAX_OPEN_REQUESTS} requests were started here and never ended; the oldest are forgotten.`,
      ),
    )
  }

  /** Requests with a stage open in this process. */
  get openRequests(): number {
    return this.#open.size
  }

  find(identity: Identity, stage: string): OpenStage | undefined {
    return this.#open.get(identity.traceId, stage)
  }

  /** A second run of a stage, not of its next attempt, takes the place of the first. */
  open(identity: Identity, stage: string, options: StageOptions, mode: OpenStageMode = {}): OpenStage {
    const { heartbeatIntervalMs } = options
    const opened = new OpenStage(identity, this.#run(stage, options), { ...mode, heartbeatIntervalMs })
    this.#open.add(identity.traceId, stage, opened)
    return opened
  }

  /** After a retry this is the next attempt of the same run. */
  start(identity: Identity, stage: string, options: StageOptions): void {
    const open = this.find(identity, stage)
    const attempt = toCount(options.attempt)
    if (open !== undefined && (open.isWaiting || (attempt ?? 0) > open.attempt)) open.startAttempt(attempt)
    else if (open === undefined) this.open(identity, stage, options)
  }

  retry(identity: Identity, stage: string, retry: Retry & StageOptions): void {
    const open = this.find(identity, stage)
    if (open === undefined) this.#emit(identity, retryEvent(this.#run(stage, retry), retry))
    else open.retry(retry)
  }

  complete(identity: Identity, stage: string, output: unknown, options: StageOptions): void {
    const open = this.#take(identity, stage)
    if (open === undefined) this.#emit(identity, completedEvent(this.#run(stage, options), output))
    else open.complete(output)
  }

  fail(identity: Identity, stage: string, error: unknown, options: StageOptions): void {
    const open = this.#take(identity, stage)
    if (open === undefined) this.#emit(identity, failedEvent(this.#run(stage, options), error))
    else open.fail(error)
  }

  skip(identity: Identity, stage: string, reason: string | undefined, options: StageOptions): void {
    const open = this.#take(identity, stage)
    if (open === undefined) this.#emit(identity, skippedEvent(this.#run(stage, options), reason))
    else open.skip(reason)
  }

  close(identity: Identity, stage: string, open: OpenStage): void {
    this.#open.remove(identity.traceId, stage, open)
  }

  /** The request has ended: how its open stages ended nobody said, so we don't either. */
  forget(identity: Identity): void {
    this.#open.removeAll(identity.traceId)
  }

  #take(identity: Identity, stage: string): OpenStage | undefined {
    const open = this.find(identity, stage)
    if (open !== undefined) this.close(identity, stage, open)
    return open
  }

  #run(stage: string, options: StageOptions): StageRun {
    if (typeof stage !== 'string' || stage === '' || stage.length > MAX_NAME_CHARACTERS) {
      throw new TypeError(`A stage has a name of 1 to ${MAX_NAME_CHARACTERS} characters, such as validation.`)
    }
    const maxAttempts = toCount(options.maxAttempts)
    return {
      pipeline: this.#pipeline,
      stage,
      attempt: toCount(options.attempt) ?? 1,
      ...(maxAttempts !== undefined && { maxAttempts }),
    }
  }

  #emit(identity: Identity, event: EventContent): void {
    const active = context.active()
    emitEvent({ ...event, context: () => currentContext(identity, active) })
  }
}

export const toCount = (value: number | undefined): number | undefined =>
  Number.isSafeInteger(value) && Number(value) >= 1 ? value : undefined
