import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import { secureHeaders } from 'hono/secure-headers'
import { ADMIN_BASE } from './adminContract.ts'
import { API_BASE } from './contract.ts'
import { authorize } from './http/access/authorize.ts'
import { loginRoute } from './http/access/loginRoute.ts'
import type { LoginDeps } from './http/access/loginRoute.ts'
import { ofAllOrganizations, withinOrganization } from './http/access/withinOrganization.ts'
import { createByteBudget } from './http/createByteBudget.ts'
import { droppedMetricsRoute } from './http/droppedMetricsRoute.ts'
import { healthRoute } from './http/healthRoute.ts'
import type { HealthDeps } from './http/healthRoute.ts'
import type { IngestDeps } from './http/ingestRoute.ts'
import { logsRoute } from './http/logsRoute.ts'
import { loopbackHost } from './http/loopbackHost.ts'
import { openApiRoute } from './http/openApiRoute.ts'
import { ownMetricsRoute } from './http/ownMetricsRoute.ts'
import { pageRoute } from './http/pageRoute.ts'
import { problemResponse } from './http/problem.ts'
import { runbookRoute } from './http/runbookRoute.ts'
import { tracesRoute } from './http/tracesRoute.ts'
import { StoreUnavailable } from './store/StoreUnavailable.ts'
import { traceRequests } from './telemetry/traceRequests.ts'
import { TRACKING_BASE } from './trackingContract.ts'

export type App = Hono<{ Bindings: HttpBindings }>

/** Of bodies under way, inflated; while it is read and stored, a body takes several times its bytes. */
const MAX_BODY_BYTES_UNDER_WAY = 64 * 1024 * 1024

export type AppDeps = Omit<IngestDeps, 'bodyBudget'> &
  HealthDeps & {
    maxBodyBytesUnderWay?: number
    /** What stands under API_BASE. */
    monitoring: App
    /** What stands under TRACKING_BASE. */
    tracking: App
    /** What stands under ADMIN_BASE. */
    admin: App
    /** Where the built page lies. */
    pageFolder: string
    /** Listening on loopback only: requests that name another host are not taken. */
    onLoopback: boolean
    /** Tokens are in force. Undefined: everyone who can reach the tracker may do everything. */
    login?: LoginDeps | undefined
  }

/** The whole HTTP side: OTLP at the root, the monitoring endpoints, the page, health and own metrics. */
export function createApp(deps: AppDeps): App {
  const { metrics, log } = deps
  const app: App = new Hono()

  app.use(traceRequests)
  app.use(async (c, next) => {
    const observe = metrics.httpDuration.startTimer()
    await next()
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
    observe({ route: routePath(c, -1), method: c.req.method, status: c.res.status })
  })
  app.use(secureHeaders({ ...headers, contentSecurityPolicy }))
  if (deps.onLoopback) app.use(loopbackHost)
  if (deps.login) {
    app.use(authorize(deps.login.findAccess, deps.login.isSecure))
    app.use(`${API_BASE}/circuit-breakers/*`, ofAllOrganizations)
    app.use(`${API_BASE}/*`, withinOrganization)
    app.route('/', loginRoute(deps.login))
  }

  const ingest = { ...deps, bodyBudget: createByteBudget(deps.maxBodyBytesUnderWay ?? MAX_BODY_BYTES_UNDER_WAY) }
  app.route('/', tracesRoute(ingest))
  app.route('/', logsRoute(ingest))
  app.route('/', droppedMetricsRoute(ingest))
  app.route('/', healthRoute(deps))
  app.route('/', ownMetricsRoute(metrics.registry))
  app.route('/', openApiRoute())
  app.route(API_BASE, deps.monitoring)
  app.route(TRACKING_BASE, deps.tracking)
  app.route(ADMIN_BASE, deps.admin)
  app.route('/', pageRoute(deps.pageFolder))
  app.route('/', runbookRoute())

  app.notFound(() => problemResponse(404, 'There is nothing here; the README lists what there is'))
  app.onError((error, c) => {
    const incident = randomUUID()
    log.error({ err: error, incident, method: c.req.method, route: routePath(c, -1) }, 'a request failed')
    const instance = `urn:uuid:${incident}`
    if (error instanceof StoreUnavailable) {
      const retry = { 'retry-after': '1' }
      return problemResponse(503, 'The database does not answer; try again', { instance, headers: retry })
    }
    return problemResponse(500, 'This is the tracker’s fault; its log tells more under this instance', { instance })
  })
  return app
}

const headers = {
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // Says to come back by https only: for whoever ends TLS to say, not for plain http on loopback.
  strictTransportSecurity: false,
}
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}
