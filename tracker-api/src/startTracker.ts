import { fileURLToPath } from 'node:url'
import { migrate } from '@vividly/migrations/migrate'
import { collectDefaultMetrics } from 'prom-client'
import { createApp } from './app.ts'
import type { App } from './app.ts'
import type { Config } from './config.ts'
import { adminRoutes } from './http/admin/adminRoutes.ts'
import { createLiveReads } from './http/createLiveReads.ts'
import type { LoginDeps } from './http/access/loginRoute.ts'
import type { IngestDeps } from './http/ingestRoute.ts'
import { isLoopback } from './http/loopbackHost.ts'
import { monitoringRoutes } from './http/monitoringRoutes.ts'
import { trackingRoutes } from './http/tracking/trackingRoutes.ts'
import { createChangeFeed } from './live/createChangeFeed.ts'
import { drainStreams } from './live/openStream.ts'
import { createLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import { listen } from './listen.ts'
import type { Listening } from './listen.ts'
import type { SignalBatch } from './signal.ts'
import { createRedactor } from './redaction/createRedactor.ts'
import type { Redacted } from './redaction/createRedactor.ts'
import { closeSession, openSession } from './store/access/accessSessions.ts'
import { hasAccessToken } from './store/access/accessTokens.ts'
import { createReadRecorder } from './store/access/personalReads.ts'
import { createAccessReader } from './store/access/createAccessReader.ts'
import { openDatabase } from './store/database.ts'
import { findRoles } from './store/findRoles.ts'
import type { Pool } from './store/Pool.ts'
import { startEmbeddedPostgres } from './embedded/embeddedPostgres.ts'
import { startMaintenance } from './store/maintain.ts'
import { createDeploymentNotes } from './store/createDeploymentNotes.ts'
import { createRecorder } from './store/createRecorder.ts'
import { readAilingRequests } from './store/readAilingRequests.ts'
import { readClusterFacts } from './store/readClusterFacts.ts'
import { createMetrics } from './telemetry/createMetrics.ts'
import { createRepeatCounter } from './telemetry/createRepeatCounter.ts'
import type { Metrics } from './telemetry/createMetrics.ts'
import { countStreams } from './telemetry/countStreams.ts'
import { keepFor } from './telemetry/keepFor.ts'
import { registerClusterMetrics } from './telemetry/registerClusterMetrics.ts'

const pageFolder = fileURLToPath(new URL('../../grafana-plugin/dist/page', import.meta.url))
/** For requests under way when we stop; with the rest of a stop two seconds. */
const DRAIN_MS = 1_000
/** Between two counts of what ails, which take longer than the rest of a scrape. */
const AILING_FOR_MS = 30_000

export type Tracker = {
  /** Where the page, the monitoring endpoints and OTLP are, without a slash at the end. */
  url: string
  /** The same app where SDKs look; undefined when it is off or its port was taken. */
  otlpUrl: string | undefined
  /** Says `bye` to streams, stops accepting, lets what is under way end, closes. May be called again. */
  stop: () => Promise<void>
}

/**
 * The whole tracker: Postgres (its own when none is given), migrations, the app on both ports.
 * When it can't start it throws, and nothing is left running.
 */
export async function startTracker(config: Config, log: Logger = createLogger(config.logLevel)): Promise<Tracker> {
  const stops: (() => unknown)[] = []
  const stopAll = async (): Promise<void> => {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop()
  }
  try {
    return await start(config, log, stops, stopAll)
  } catch (error) {
    await stopAll()
    throw error
  }
}

async function start(
  config: Config,
  log: Logger,
  stops: (() => unknown)[],
  stopAll: () => Promise<void>,
): Promise<Tracker> {
  const databaseUrl = config.databaseUrl ?? (await embedded())
  await migrate(databaseUrl, (line) => log.info(line))
  const roles = await findRoles(databaseUrl)
  if (roles === undefined) log.warn(withoutRoles)
  const database = openDatabase(databaseUrl, roles)
  stops.push(database.close)
  const maintenance = startMaintenance(databaseUrl, (err) => log.error({ err }, 'the standing work failed; it is tried again'))
  stops.push(maintenance.stop)

  const needsTokens = config.auth === 'tokens' || !isLoopback(config.host)
  if (needsTokens) await demandToken(database.admin)

  const metrics = createMetrics()
  collectDefaultMetrics({ register: metrics.registry })
  const ailing = keepFor(AILING_FOR_MS, () => readAilingRequests(database.read))
  registerClusterMetrics(metrics.registry, async () => ({ ...(await readClusterFacts(database.read)), ailing: await ailing() }))
  const liveReads = createLiveReads(database.read)
  const feed = createChangeFeed(liveReads, {
    onError: (err) => log.error({ err }, 'could not read the change feed'),
    onTold: (sinceWokenMs) => metrics.streamDelay.observe(sinceWokenMs / 1000),
  })
  countStreams(metrics.registry, feed.size)
  let draining = false
  const deployments = createDeploymentNotes(database.ingest, (err) => log.error({ err }, 'could not note which versions send'))
  stops.push(deployments.stop)
  const record = createRecorder(database, config.recording)
  const redact = createRedactor(config.redaction)
  const countRepeats = createRepeatCounter()
  const ingest: Omit<IngestDeps, 'bodyBudget'> = {
    recordSignals: async (batch) => {
      const recorded = await record(redact ? counted(redact(batch), metrics) : batch)
      feed.wake()
      const repeats = countRepeats(batch)
      metrics.ingestRepeated.inc({ signal: 'span' }, repeats.spans)
      metrics.ingestRepeated.inc({ signal: 'log_record' }, repeats.logs)
      return recorded
    },
    noteVersions: deployments.note,
    metrics,
    log,
  }
  const app = createApp({
    ...ingest,
    pingDatabase: () => database.read.run('asking whether it is there', (sql) => sql`select 1`),
    isDraining: () => draining,
    monitoring: monitoringRoutes({ read: database.callers, feed, liveReads, recordRead: createReadRecorder(database.admin), links: config.links }),
    tracking: trackingRoutes({ ...ingest, read: database.callers }),
    admin: adminRoutes({ admin: database.admin }),
    pageFolder,
    onLoopback: isLoopback(config.host),
    login: needsTokens ? loginBy(database.admin, config) : undefined,
  })

  const page = await listen(app, config.host, config.port)
  metrics.trackerInfo.set({ public_url: config.publicUrl ?? page.url }, 1)
  const listening = [page]
  stops.push(() => {
    draining = true
    drainStreams(feed)
    return Promise.all(listening.map(({ stop }) => stop(DRAIN_MS)))
  })
  const otlp = await listenForSdks(app, config, log)
  if (otlp) listening.push(otlp)
  let stopping: Promise<void> | undefined
  return { url: page.url, otlpUrl: otlp?.url, stop: () => (stopping ??= stopAll()) }

  async function embedded(): Promise<string> {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log: (line) => log.info(line) })
    stops.push(postgres.stop)
    return postgres.databaseUrl
  }
}

function counted({ batch, keys, texts }: Redacted, { ingestRedacted }: Metrics): SignalBatch {
  ingestRedacted.inc({ by: 'key' }, keys)
  ingestRedacted.inc({ by: 'text' }, texts)
  return batch
}

const withoutRoles =
  'The database login may not take the roles vividly_ingest, vividly_read, vividly_tenant and vividly_admin, so everything runs with its own rights and organizations are kept apart by the queries alone: see docs/security.md'

/** A tracker that nobody may call is a mistake better seen at its start. */
async function demandToken(pool: Pool): Promise<void> {
  if (await hasAccessToken(pool)) return
  throw new Error(
    'Tokens are in force (TRACKER_AUTH, or TRACKER_HOST is not loopback) and the database holds none, so nobody could call. Make one with the same environment: npm run tracker -- tokens create --name first --all-organizations --scopes admin',
  )
}

function loginBy(pool: Pool, { publicUrl }: Config): LoginDeps {
  return {
    findAccess: createAccessReader(pool),
    openSession: (tokenId) => openSession(pool, tokenId),
    closeSession: (secret) => closeSession(pool, secret),
    isSecure: publicUrl?.startsWith('https:') === true,
  }
}

/** SDKs that were told nothing look there; without it the page's port still takes what they send. */
async function listenForSdks(app: App, config: Config, log: Logger): Promise<Listening | undefined> {
  if (config.otlpPort === undefined || config.otlpPort === config.port) return undefined
  try {
    return await listen(app, config.host, config.otlpPort)
  } catch (err) {
    const { message } = err as Error
    log.warn(`${message}. The page's port takes OTLP too; point OTEL_EXPORTER_OTLP_ENDPOINT there`)
    return undefined
  }
}
