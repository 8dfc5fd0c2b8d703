import type { RequestTracker } from '@vividly/instrumentation'
import type { Logger } from 'pino'
import type { Mailbox } from '../mail/Mailbox.ts'
import { retryProviders } from '../resilience/retryProviders.ts'
import type { Stage } from '../stages/stage.ts'
import { sendErrorNotice } from '../stages/sendErrorNotice.ts'
import type { ContentRequest, RequestStore } from '../store/RequestStore.ts'

export type StageRunner = {
  stages: readonly Stage[]
  tracker: RequestTracker
  store: RequestStore
  mailbox: Mailbox
  speed: number
  log: Logger
}

/**
 * Runs a worker's stages for one job, which brings nothing but the correlation ID.
 *
 * Stages whose result is kept are not run again, so a job that is delivered twice, or to another process after the
 * first one died, goes on where it stopped.
 *
 * @returns the request when all stages are done; undefined when it failed, or had ended before
 */
export async function runStages(runner: StageRunner, correlationId: string): Promise<ContentRequest | undefined> {
  const { stages, tracker, store, log } = runner
  const retry = retryProviders(runner.speed)
  const request = await store.find(correlationId)
  if (request?.state !== 'accepted') return undefined
  // Work begins here; the time before was the queue's.
  if (Object.keys(request.results).length === 0) tracker.startRequest(correlationId)

  const results = { ...request.results }
  for (const stage of stages) {
    if (results[stage.name] !== undefined) continue
    try {
      // This is all that tracking a stage takes: name it, and do the work inside. Its retries are told with it.
      const result = await tracker.trackStage<unknown>(
        correlationId,
        stage.name,
        async (tracked) => {
          const output = await stage.run({ request, results, stage: tracked })
          tracked.output(output)
          return output
        },
        { retry },
      )
      Object.assign(results, { [stage.name]: result })
    } catch (error) {
      await fail(runner, request, stage.name, error)
      return undefined
    }
    await store.keepResult(correlationId, stage.name, results[stage.name])
    log.debug({ correlationId, stage: stage.name }, 'stage done')
  }
  return { ...request, results }
}

async function fail({ tracker, store, mailbox, log }: StageRunner, request: ContentRequest, stage: Stage['name'], error: unknown) {
  const { correlationId } = request
  const reason = error instanceof Error ? error.message : String(error)
  log.warn({ correlationId, stage, reason }, 'request failed')
  const student = await store.findStudent(request.studentId)
  if (student) {
    const messageId = await sendErrorNotice(mailbox, request, student, reason)
    tracker.logEvent(correlationId, 'notification_sent', {
      message: 'Told the student that the request failed',
      severity: 'warning',
      data: { message_id: messageId, kind: 'error_notice' },
    })
  }
  await store.end(correlationId, 'failed')
  tracker.failRequest(correlationId, error, { stage })
}
