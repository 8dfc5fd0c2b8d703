/** `npm start`: Postgres, the tracker with its page, and the example that sends it requests, until Ctrl-C. */
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { readConfig } from '../tracker-api/src/config.ts'
import type { Config } from '../tracker-api/src/config.ts'
import { startTracker } from '../tracker-api/src/startTracker.ts'
import { buildPage } from '../grafana-plugin/buildPage.ts'
import { isPortFree } from './start/isPortFree.ts'
import { readOptions } from './start/readOptions.ts'
import { startExample } from './start/startExample.ts'
import { stopInOrder } from './start/stopInOrder.ts'

const options = readOptions(process.argv)
const stops = stopInOrder()
// Its lines of `info` are for a service; here a person reads.
const logLevel = process.env['LOG_LEVEL'] || 'warn'

try {
  const config = await withFreePorts(readConfig({ ...process.env, LOG_LEVEL: logLevel }))
  console.log('Starting …')
  const [databaseUrl] = await Promise.all([databaseOf(config), buildPage()])
  const tracker = await startTracker({ ...config, databaseUrl })
  stops.add(tracker.stop)
  if (options.example) {
    const example = startExample(['--speed', String(options.speed)], {
      DATABASE_URL: databaseUrl,
      // The page's port takes OTLP too, and is ours for sure; 4318 may be somebody else's.
      OTEL_EXPORTER_OTLP_ENDPOINT: tracker.url,
      LOG_LEVEL: logLevel,
    })
    stops.add(example.stop)
  }
  console.log(`\n  Vividly is running: ${tracker.url}/monitoring/dashboard\n`)
} catch (error) {
  console.error(messagesOf(error).join('\n  because: '))
  await stops.run(1)
}

/** The page's port must be free; without the one for SDKs it goes on. */
async function withFreePorts(config: Config): Promise<Config> {
  const { host, port, otlpPort } = config
  if (!(await isPortFree(host, port))) {
    throw new Error(`Port ${port} is taken, perhaps by a tracker that runs already. End it, or set TRACKER_PORT to another one`)
  }
  if (otlpPort === undefined || (await isPortFree(host, otlpPort))) return config
  console.warn(`Port ${otlpPort} is taken: SDKs that look there don't reach this tracker. Point theirs to port ${port}, which takes OTLP too.`)
  return { ...config, otlpPort: undefined }
}

async function databaseOf(config: Config): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir })
  stops.add(server.stop)
  return server.databaseUrl
}

function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  return [error.message, ...(error.cause === undefined ? [] : messagesOf(error.cause))]
}
