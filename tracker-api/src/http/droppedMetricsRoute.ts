import type { Hono } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { exportResponse, ingestRoute } from './ingestRoute.ts'
import type { IngestDeps } from './ingestRoute.ts'

/**
 * `POST /v1/metrics`: SDKs send metrics to the same endpoint unless told otherwise. They are taken, so that no
 * sender complains every minute, and dropped, for they belong in Prometheus.
 */
export function droppedMetricsRoute(deps: IngestDeps): Hono<{ Bindings: HttpBindings }> {
  return ingestRoute('/v1/metrics', deps, async (_body, encoding) => {
    deps.metrics.ingestMetricsDropped.inc()
    // An empty success is the same message for every signal.
    return exportResponse('span', encoding)
  })
}
