import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { circuitBreakersRoute } from './circuitBreakersRoute.ts'
import { dashboardRoute } from './dashboardRoute.ts'
import { requestRoute } from './requestRoute.ts'
import { requestsRoute } from './requestsRoute.ts'

/** Everything under API_BASE. */
export function monitoringRoutes(deps: { read: Pool }): Hono {
  return new Hono()
    .route('/', requestsRoute(deps))
    .route('/', requestRoute(deps))
    .route('/', dashboardRoute(deps))
    .route('/', circuitBreakersRoute(deps))
}
