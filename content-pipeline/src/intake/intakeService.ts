import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import { pino } from 'pino'
import { listen } from '../launch/listen.ts'
import { runService } from '../launch/runService.ts'
import { serviceVersion } from '../serviceVersion.ts'
import { readSettings } from '../settings.ts'
import { JobQueue } from '../store/JobQueue.ts'
import { openDatabase } from '../store/openDatabase.ts'
import { RequestStore } from '../store/RequestStore.ts'
import { createIntakeApp } from './createIntakeApp.ts'

await runService(async () => {
  const { databaseUrl, dataDir, logLevel, ports } = readSettings()
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set: the intake needs the pipeline’s Postgres')
  const log = pino({ name: 'content-intake', level: logLevel })
  const instrumentation = startInstrumentation({ serviceName: 'content-intake', resourceAttributes: serviceVersion, shutdownTimeoutMs: 1500 })
  const pool = await openDatabase(databaseUrl)
  const queue = await JobQueue.open({
    databaseUrl,
    supervise: true,
    onError: (error) => log.error({ err: error }, 'job queue'),
  })
  const app = createIntakeApp({ store: new RequestStore(pool), queue, tracker: new RequestTracker(), dataDir, log })
  const server = await listen(app, ports.intake)
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      await queue.stop()
      await Promise.all([pool.end(), instrumentation.shutdown()])
    },
  }
})
