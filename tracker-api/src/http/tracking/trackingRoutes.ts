import type { HttpBindings } from '@hono/node-server'
import { eventTime } from '@vividly/instrumentation/events'
import { newCorrelationId, parseIdentity } from '@vividly/instrumentation/identity'
import type { Identity } from '@vividly/instrumentation/identity'
import { DEFAULT_PIPELINE } from '@vividly/instrumentation/semconv'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { SignalBatch } from '../../signal.ts'
import { findStageRun } from '../../store/findStageRun.ts'
import type { Pool } from '../../store/Pool.ts'
import { TRACKING_BASE } from '../../trackingContract.ts'
import type { Told } from '../../trackingContract.ts'
import { organizationOf } from '../access/accessOf.ts'
import { takeBatch } from '../ingestRoute.ts'
import type { IngestDeps, Refused } from '../ingestRoute.ts'
import { createByteBudget } from '../createByteBudget.ts'
import { problemResponse } from '../problem.ts'
import { readTold } from './readTold.ts'
import { stageSpanIdOf } from './spanIds.ts'
import { Telling } from './Telling.ts'
import { trackingOperations } from './trackingOperations.ts'
import type { TrackingOperation } from './trackingOperations.ts'

type Served = { Bindings: HttpBindings }
export type TrackingDeps = Omit<IngestDeps, 'bodyBudget'> & { read: Pool }

/** What all bodies under way may hold together. */
const MAX_BYTES_UNDER_WAY = 64 * 1024 * 1024

/** What every body may say, whatever else it says. */
type Common = { id?: string; at?: string; pipeline?: string; service?: string; host?: string; stage?: string }

/** Refusals that say who may write what; all others say that the record can't be stored as it is. */
const forbidden = new Set(['org_mismatch', 'foreign_request'])

/** Everything under TRACKING_BASE, answered after the commit. Errors of the store are thrown: the app answers them. */
export function trackingRoutes(deps: TrackingDeps): Hono<Served> {
  const routes = new Hono<Served>()
  const budget = createByteBudget(MAX_BYTES_UNDER_WAY)
  for (const operation of trackingOperations) {
    const path = operation.path.replaceAll(/{(\w+)}/g, ':$1')
    routes.post(path, async (c) => {
      const held = budget.open()
      const read = await readTold(c, operation.body, held).finally(() => held?.release())
      return 'problem' in read ? read.problem : answer(c, operation, read.said, deps)
    })
    routes.all(path, () => problemResponse(405, 'This is written with POST.', { headers: { allow: 'POST' } }))
  }
  return routes
}

async function answer(c: Context<Served>, operation: TrackingOperation, body: object, deps: TrackingDeps): Promise<Response> {
  const said: Common = body
  const isNew = operation.path === '/requests'
  const identity = identityOf(isNew ? said.id : c.req.param('id'), isNew)
  if (identity === undefined) return problemResponse(400, unknownId)
  const stage = c.req.param('stage') ?? said.stage
  if (stage !== undefined && !isStageName(stage)) return problemResponse(400, 'A stage has a name of 1 to 200 characters.')
  const uid = c.req.header('idempotency-key')
  if (uid !== undefined && uid.length > 200) return problemResponse(400, 'Idempotency-Key is at most 200 characters.')

  const organization = organizationOf(c)
  const before = stage === undefined ? undefined : await findStageRun(deps.read, identity.requestId, stage, organization)
  const telling = new Telling(identity, said.pipeline ?? DEFAULT_PIPELINE, timeUsOf(said.at), said, uid)
  operation.tell(telling, body as never, stage ?? '', before)
  const refused = await record(telling.toBatch(), organization, deps)
  if (refused !== undefined) return refused
  return new Response(JSON.stringify(toldOf(identity, stage)), {
    status: isNew ? 201 : 200,
    headers: {
      'content-type': 'application/json',
      ...(isNew && { location: `/api/v1/monitoring/requests/${identity.requestId}` }),
    },
  })
}

async function record(batch: SignalBatch, organization: string | undefined, deps: TrackingDeps): Promise<Response | undefined> {
  const refused = await takeBatch(deps, batch, organization)
  const [first] = refused
  deps.metrics.ingestRequests.inc({ path: TRACKING_BASE, status: first === undefined ? 200 : statusOf(first) })
  return first && problemResponse(statusOf(first), `Refused (${first.reason}): ${first.detail}`)
}

const statusOf = ({ reason }: Refused): number => (forbidden.has(reason) ? 403 : 422)

function identityOf(spelling: string | undefined, isNew: boolean): Identity | undefined {
  const identity = parseIdentity(spelling ?? (isNew ? newCorrelationId(Date.now()) : ''))
  return identity?.ours === true ? identity : undefined
}

const unknownId = 'This ID is none of a request of ours: take one that creating a request gave, or vvd_<13 digits>_<8 hex>.'

const isStageName = (name: string): boolean => name.length >= 1 && name.length <= 200 && !name.includes('\0')

function timeUsOf(at: string | undefined): number {
  if (at !== undefined) return Date.parse(at) * 1000
  const [seconds, nanoseconds] = eventTime()
  return seconds * 1_000_000 + nanoseconds / 1000
}

function toldOf(identity: Identity, stage: string | undefined): Told {
  const { requestId, correlationId, traceId, rootSpanId } = identity
  const spanId = stage === undefined ? rootSpanId : stageSpanIdOf(identity, stage)
  return { id: requestId, correlation_id: correlationId, trace_id: traceId, traceparent: `00-${traceId}-${spanId}-01` }
}
