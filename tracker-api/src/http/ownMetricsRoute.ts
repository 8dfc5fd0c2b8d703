import { Hono } from 'hono'
import type { Registry } from 'prom-client'

/** `GET /metrics`: the tracker's own metrics in Prometheus' text format. */
export function ownMetricsRoute(registry: Registry): Hono {
  return new Hono().get('/metrics', async () => {
    return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
  })
}
