import { Hono } from 'hono'
import { createApp } from '../../app.ts'
import type { App, AppDeps } from '../../app.ts'
import { createLogger } from '../../logger.ts'
import type { SignalBatch } from '../../signal.ts'
import { createMetrics } from '../../telemetry/createMetrics.ts'
import type { Metrics } from '../../telemetry/createMetrics.ts'

export type TestApp = {
  app: App
  metrics: Metrics
  /** What was recorded, in the order of the calls. */
  batches: SignalBatch[]
}

/** The app without a database: it records into memory, and nothing is monitored. */
export function createTestApp(changes: Partial<AppDeps> = {}): TestApp {
  const batches: SignalBatch[] = []
  const metrics = createMetrics()
  const app = createApp({
    recordSignals: async (batch) => {
      batches.push(batch)
      return { refused: batch.refusals }
    },
    metrics,
    log: createLogger('silent'),
    pingDatabase: async () => {},
    isDraining: () => false,
    monitoring: new Hono(),
    tracking: new Hono(),
    admin: new Hono(),
    pageFolder: '/nowhere',
    onLoopback: true,
    ...changes,
  })
  return { app, metrics, batches }
}
