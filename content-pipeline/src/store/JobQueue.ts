import { jobData, runJob } from '@vividly/instrumentation'
import { PgBoss } from 'pg-boss'
import type { ClientBase } from 'pg'

export const QUEUES = ['content-script', 'content-video'] as const
export type QueueName = (typeof QUEUES)[number]

export type JobQueueOptions = {
  databaseUrl: string
  /** One process of the pipeline does the queue's housekeeping. */
  supervise?: boolean
  onError: (error: Error) => void
}

const QUEUE_OPTIONS = {
  // One job a request, queued or active, however often it is sent.
  policy: 'exclusive',
  // Stages retry inside a job. A job is delivered again only when its process died or the database was away;
  // it then goes on behind the last stage that was done.
  retryLimit: 10,
  retryDelay: 1,
  // Silent for this long, a worker counts as dead.
  heartbeatSeconds: 15,
  expireInSeconds: 7200,
  deleteAfterSeconds: 86_400,
  notify: true,
}

/** The queues between intake and workers: pg-boss on the pipeline's own Postgres. */
export class JobQueue {
  readonly #boss: PgBoss

  private constructor(boss: PgBoss) {
    this.#boss = boss
  }

  static async open({ databaseUrl, supervise = false, onError }: JobQueueOptions): Promise<JobQueue> {
    const boss = new PgBoss({
      connectionString: databaseUrl,
      schema: 'pgboss',
      max: 4,
      supervise,
      schedule: false,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
      // Workers are woken by NOTIFY; polling is what holds when a notification is lost.
      useListenNotify: true,
      // jobData and runJob tie both sides of the queue together.
      openTelemetry: { enabled: false },
    })
    boss.on('error', onError)
    await boss.start()
    for (const queue of QUEUES) await boss.createQueue(queue, QUEUE_OPTIONS)
    return new JobQueue(boss)
  }

  /**
   * The job carries the request's headers and nothing else: its data are looked up where it is taken.
   * With a client it is part of that client's transaction.
   */
  async send(queue: QueueName, correlationId: string, client?: ClientBase): Promise<void> {
    await this.#boss.send(queue, jobData(correlationId), {
      singletonKey: correlationId,
      ...(client && { db: { executeSql: (text: string, values?: unknown[]) => client.query(text, values) } }),
    })
  }

  /** Takes jobs until {@link stop}; at most `concurrency` at a time in this process. */
  async work(queue: QueueName, concurrency: number, handle: (correlationId: string) => Promise<void>): Promise<void> {
    await this.#boss.work(
      queue,
      { localConcurrency: concurrency, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 2 },
      async (jobs) => {
        for (const job of jobs) await runJob(job, handle)
      },
    )
  }

  /** Gives running jobs back to the queue at once: whoever takes them goes on behind the last stage that was done. */
  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false })
  }
}
