import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { answerIfChanged } from './answerIfChanged.ts'
import { apiOperations } from './apiOperations.ts'
import { circuitBreakersRoute } from './circuitBreakersRoute.ts'
import { dashboardRoute } from './dashboardRoute.ts'
import { metricsRoute } from './metricsRoute.ts'
import { negotiate } from './negotiate.ts'
import { requestEventsRoute } from './requestEventsRoute.ts'
import { requestRoute } from './requestRoute.ts'
import { requestSpansRoute } from './requestSpansRoute.ts'
import { requestsCsvRoute } from './requestsCsvRoute.ts'
import { requestsRoute } from './requestsRoute.ts'
import { streamRoute } from './streamRoute.ts'
import type { StreamDeps } from './streamRoute.ts'

const patternOf = (path: string): string => path.replaceAll(/{(\w+)}/g, ':$1')

/** Everything under API_BASE. Errors of the store are thrown: the app answers them. */
export function monitoringRoutes(deps: StreamDeps): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>()
  for (const { path, answer, mediaType = 'application/json' } of apiOperations) {
    routes.use(patternOf(path), negotiate(mediaType))
    if (answer) routes.use(patternOf(path), answerIfChanged)
  }
  return routes
    .route('/', requestsRoute(deps))
    .route('/', requestsCsvRoute(deps))
    .route('/', requestRoute(deps))
    .route('/', requestEventsRoute(deps))
    .route('/', requestSpansRoute(deps))
    .route('/', dashboardRoute(deps))
    .route('/', metricsRoute(deps))
    .route('/', circuitBreakersRoute(deps))
    .route('/', streamRoute(deps))
}
