import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { OutsideLinks } from '../store/OutsideLinks.ts'
import type { RecordRead } from '../store/access/personalReads.ts'
import { auditPersonalReads } from './access/auditPersonalReads.ts'
import { maskPersonalData } from './access/maskPersonalData.ts'
import { answerIfChanged } from './answerIfChanged.ts'
import { apiOperations } from './apiOperations.ts'
import { breakerHistoryRoute } from './breakerHistoryRoute.ts'
import { circuitBreakersRoute } from './circuitBreakersRoute.ts'
import { concurrencyRoute } from './concurrencyRoute.ts'
import { dashboardRoute } from './dashboardRoute.ts'
import { deploymentsRoute } from './deploymentsRoute.ts'
import { metricsRoute } from './metricsRoute.ts'
import { negotiate } from './negotiate.ts'
import { organizationsRoute } from './organizationsRoute.ts'
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
export function monitoringRoutes(deps: StreamDeps & { recordRead?: RecordRead | undefined; links?: OutsideLinks | undefined }): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>()
  for (const { path, answer, showsPeople, mediaType = 'application/json' } of apiOperations) {
    routes.use(patternOf(path), negotiate(mediaType))
    if (showsPeople && deps.recordRead) routes.use(patternOf(path), auditPersonalReads(path, answer === undefined, deps.recordRead))
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
    .route('/', deploymentsRoute(deps))
    .route('/', organizationsRoute(deps))
    .route('/', streamRoute(deps))
}
