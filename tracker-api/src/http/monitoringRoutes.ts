import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { circuitBreakersRoute } from './circuitBreakersRoute.ts'
import { dashboardRoute } from './dashboardRoute.ts'
import { metricsRoute } from './metricsRoute.ts'
import { requestEventsRoute } from './requestEventsRoute.ts'
import { requestRoute } from './requestRoute.ts'
import { requestsRoute } from './requestsRoute.ts'
import { streamRoute } from './streamRoute.ts'
import type { StreamDeps } from './streamRoute.ts'

/** Everything under API_BASE. Errors of the store are thrown: the app answers them. */
export function monitoringRoutes(deps: StreamDeps): Hono<{ Bindings: HttpBindings }> {
  return new Hono<{ Bindings: HttpBindings }>()
    .route('/', requestsRoute(deps))
    .route('/', requestRoute(deps))
    .route('/', requestEventsRoute(deps))
    .route('/', dashboardRoute(deps))
    .route('/', metricsRoute(deps))
    .route('/', circuitBreakersRoute(deps))
    .route('/', streamRoute(deps))
}
