import { Hono } from 'hono'
import type { Registry, RegistryContentType } from 'prom-client'

/** `GET /metrics`: the tracker's own metrics as OpenMetrics text, which carries exemplars. */
export function ownMetricsRoute(registry: Registry<RegistryContentType>): Hono {
  return new Hono().get('/metrics', async () => {
    return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
  })
}
