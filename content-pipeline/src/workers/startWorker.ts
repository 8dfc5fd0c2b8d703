import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import { pino } from 'pino'
import { Mailbox } from '../mail/Mailbox.ts'
import { serviceVersion } from '../serviceVersion.ts'
import type { Settings } from '../settings.ts'
import type { Stage } from '../stages/stage.ts'
import { JobQueue, type QueueName } from '../store/JobQueue.ts'
import { openDatabase } from '../store/openDatabase.ts'
import type { ContentRequest } from '../store/RequestStore.ts'
import { RequestStore } from '../store/RequestStore.ts'
import { runStages } from './runStages.ts'

/** Jobs at a time in one process: they wait for providers nearly all the time. */
const CONCURRENCY = 12

export type WorkerParts = { store: RequestStore; mailbox: Mailbox; tracker: RequestTracker; queue: JobQueue }
export type WorkerDefinition = {
  /** `service.name` on everything this process tells. */
  serviceName: string
  takes: QueueName
  stages: (parts: WorkerParts) => Promise<readonly Stage[]>
  /** What follows when all stages of this worker are done. */
  afterwards: (request: ContentRequest, parts: WorkerParts) => Promise<void>
}

/** @returns how to stop: running jobs go back to the queue, telemetry is sent */
export async function startWorker(definition: WorkerDefinition, settings: Settings): Promise<() => Promise<void>> {
  const log = pino({ name: definition.serviceName, level: settings.logLevel })
  if (settings.databaseUrl === undefined) throw new Error('DATABASE_URL is not set: a worker needs the pipeline’s Postgres')
  // One call a process, before any work: every span and event below goes through it.
  const instrumentation = startInstrumentation({ serviceName: definition.serviceName, resourceAttributes: serviceVersion, shutdownTimeoutMs: 1500 })
  const pool = await openDatabase(settings.databaseUrl)
  const queue = await JobQueue.open({
    databaseUrl: settings.databaseUrl,
    onError: (error) => log.error({ err: error }, 'job queue'),
  })
  const parts = {
    store: new RequestStore(pool),
    mailbox: new Mailbox(settings.dataDir),
    tracker: new RequestTracker(),
    queue,
  }
  const runner = { ...parts, stages: await definition.stages(parts), speed: settings.speed, log }
  await queue.work(definition.takes, CONCURRENCY, async (correlationId) => {
    const request = await runStages(runner, correlationId)
    if (request) await definition.afterwards(request, parts)
  })
  return async () => {
    await queue.stop()
    await Promise.all([pool.end(), instrumentation.shutdown()])
  }
}
