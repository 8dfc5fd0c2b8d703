import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { maskPersonalData } from './access/maskPersonalData.ts'
import { answerIfChanged } from './answerIfChanged.ts'
import { apiOperations } from './apiOperations.ts'
import { breakerHistoryRoute } from './breakerHistoryRoute.ts'
import { circuitBreakersRoute } from './circuitBreakersRoute.ts'
import { concurrencyRoute } from './concurrencyRoute.ts'
import { dashboardRoute } from './dashboardRoute.ts'
import { metricsRoute } from './metricsRoute.ts'
import { negotiate } from './negotiate.ts'
import { outliersRoute } from './outliersRoute.ts'
import { requestEventsRoute } from './requestEventsRoute.ts'
import { requestRoute } from './requestRoute.ts'
import { requestSpansRoute } from './requestSpansRoute.ts'
import { requestsCsvRoute } from './requestsCsvRoute.ts'
import { requestsRoute } from './requestsRoute.ts'
import { stageNormalsRoute } from './stageNormalsRoute.ts'
import { streamRoute } from './streamRoute.ts'
import type { StreamDeps } from './streamRoute.ts'
import { trendComparisonRoute } from './trendComparisonRoute.ts'
import { trendsRoute } from './trendsRoute.ts'

const patternOf = (path: string): string => path.replaceAll(/{(\w+)}/g, ':$1')

/** Everything under API_BASE. Errors of the store are thrown: the app answers them. */
export function monitoringRoutes(deps: StreamDeps): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>()
  for (const { path, answer, mediaType = 'application/json' } of apiOperations) {
    routes.use(patternOf(path), negotiate(mediaType))
    if (answer) routes.use(patternOf(path), answerIfChanged, maskPersonalData)
  }
  return routes
    .route('/', requestsRoute(deps))
    .route('/', requestsCsvRoute(deps))
    .route('/', requestRoute(deps))
    .route('/', requestEventsRoute(deps))
    .route('/', requestSpansRoute(deps))
    .route('/', dashboardRoute(deps))
    .route('/', metricsRoute(deps))
    .route('/', trendsRoute(deps))
    .route('/', trendComparisonRoute(deps))
    .route('/', concurrencyRoute(deps))
    .route('/', stageNormalsRoute(deps))
    .route('/', outliersRoute(deps))
    .route('/', circuitBreakersRoute(deps))
    .route('/', breakerHistoryRoute(deps))
    .route('/', streamRoute(deps))
}
