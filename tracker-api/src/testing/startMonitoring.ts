import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { HttpBindings, ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { API_BASE } from '../contract.ts'
import { createLiveReads } from '../http/createLiveReads.ts'
import { monitoringRoutes } from '../http/monitoringRoutes.ts'
import { trackingRoutes } from '../http/tracking/trackingRoutes.ts'
import { createChangeFeed } from '../live/createChangeFeed.ts'
import type { ChangeFeed, FeedOptions } from '../live/createChangeFeed.ts'
import { drainStreams } from '../live/openStream.ts'
import { createLogger } from '../logger.ts'
import { openDatabase } from '../store/database.ts'
import { recordSignals } from '../store/recordSignals.ts'
import { createMetrics } from '../telemetry/createMetrics.ts'
import { TRACKING_BASE } from '../trackingContract.ts'

export type Monitoring = {
  /** Of API_BASE, on a port of its own. */
  url: string
  /** A call without a port; `path` is below API_BASE. */
  request: (path: string) => Promise<Response>
  feed: ChangeFeed
  /** Errors that routes or the feed threw. */
  errors: unknown[]
  close: () => Promise<void>
}

/** The routes of monitoring and tracking alone, on a database, with a feed of their own: one replica. */
export async function startMonitoring(databaseUrl: string, options: Partial<FeedOptions> = {}): Promise<Monitoring> {
  const database = openDatabase(databaseUrl)
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const liveReads = createLiveReads(database.read)
  const feed = createChangeFeed(liveReads, { onError, ...options })
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.route(API_BASE, monitoringRoutes({ read: database.read, feed, liveReads }))
  app.route(
    TRACKING_BASE,
    trackingRoutes({
      read: database.read,
      recordSignals: (batch) => recordSignals(database, batch),
      metrics: createMetrics(),
      log: createLogger('silent'),
    }),
  )
  app.onError((error, c) => {
    onError(error)
    return c.body(null, 500)
  })
  const server = await new Promise<ServerType>((resolve) => {
    const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening))
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${API_BASE}`,
    request: async (path) => app.request(API_BASE + path),
    feed,
    errors,
    close: async () => {
      drainStreams(feed)
      await new Promise((resolve) => server.close(resolve))
      await database.close()
    },
  }
}
