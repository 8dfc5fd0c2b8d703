import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Logger } from '../logger.ts'
import type { Encoding } from '../otlp/decode.ts'
import { encodeExportResponse, encodeStatus } from '../otlp/encodeResponse.ts'
import { UnreadableBody } from '../otlp/UnreadableBody.ts'
import type { Refusal, ServiceVersion, SignalBatch, SignalKind } from '../signal.ts'
import type { Metrics } from '../telemetry/createMetrics.ts'
import { organizationOf } from './access/accessOf.ts'
import { ownedBatch } from './access/ownedBatch.ts'
import type { ByteBudget, HeldBytes } from './createByteBudget.ts'
import { describeRefusals } from './describeRefusals.ts'
import { encodingOf, mediaTypes } from './otlpMediaTypes.ts'
import { noRoom, readOtlpBody } from './readOtlpBody.ts'
import { withDeadline } from './withDeadline.ts'

export type Refused = Pick<Refusal, 'signal' | 'reason' | 'detail'>

export type IngestDeps = {
  /**
   * Resolves when the batch is durable; `refused` names all that was not taken, the batch's own refusals
   * included. Whatever it throws means: nothing is lost, send it again.
   */
  recordSignals: (batch: SignalBatch) => Promise<{ refused: Refused[] }>
  /** Hears which versions of services sent what was stored. @param organization the sender's; undefined is all */
  noteVersions?: ((versions: readonly ServiceVersion[], organization: string | undefined) => void) | undefined
  metrics: Metrics
  log: Logger
  /** What all bodies under way may hold together; whoever finds it used up is told to come again (429). */
  bodyBudget: ByteBudget
  bodyDeadlineMs?: number
  /** For committing; the sender's own patience is ten seconds in all. */
  storeDeadlineMs?: number
}

export type IngestPath = '/v1/traces' | '/v1/logs' | '/v1/metrics'
type Served = { Bindings: HttpBindings }
/** `organization`: the only one that the sender may write; undefined is all. */
type Handle = (body: Buffer, encoding: Encoding, organization: string | undefined) => Promise<Response>

/** Exporters of OpenTelemetry give up for good on a longer wait than their whole budget. */
const RETRY_AFTER_SECONDS = '1'

/**
 * `POST` of one signal: finds room for the body, reads it, has it handled and answers what is not the handler's to answer, always
 * in the sender's encoding. Errors thrown by the handler are ours: 503, which senders retry, never 500.
 */
export function ingestRoute(path: IngestPath, deps: IngestDeps, handle: Handle): Hono<Served> {
  const { metrics, log, bodyBudget, bodyDeadlineMs = 30_000 } = deps

  async function answer(c: Context<Served>, held: HeldBytes | undefined): Promise<Response> {
    const encoding = encodingOf(c.req.header('content-type'))
    if (!encoding) {
      const message = `Content-Type must be ${mediaTypes.json} or ${mediaTypes.protobuf}`
      return statusResponse(415, message, 'json', { connection: 'close' })
    }
    try {
      const read = held ? await readOtlpBody(c, bodyDeadlineMs, held) : noRoom
      if ('status' in read) {
        const retry = read.status === 429 ? { 'retry-after': RETRY_AFTER_SECONDS } : {}
        return statusResponse(read.status, read.message, encoding, { connection: 'close', ...retry })
      }
      metrics.ingestBytes.inc({ path }, read.body.length)
      return await handle(read.body, encoding, organizationOf(c))
    } catch (error) {
      if (error instanceof UnreadableBody) return statusResponse(error.status, error.message, encoding)
      log.error({ err: error, path }, 'could not take a batch; its sender was asked to send it again')
      const message = 'The tracker cannot store now; send the same again'
      return statusResponse(503, message, encoding, { 'retry-after': RETRY_AFTER_SECONDS })
    }
  }

  return new Hono<Served>()
    .post(path, async (c) => {
      const observe = metrics.ingestDuration.startTimer({ path })
      const held = bodyBudget.open()
      const response = await answer(c, held).finally(() => held?.release())
      observe()
      metrics.ingestRequests.inc({ path, status: response.status })
      return response
    })
    .all(path, (c) => {
      const encoding = encodingOf(c.req.header('content-type')) ?? 'json'
      return statusResponse(405, `${path} takes POST only`, encoding, { allow: 'POST' })
    })
}

/** Decodes, records and answers with what was refused. */
export function recordWith(
  kind: SignalKind,
  decode: (body: Buffer, encoding: Encoding) => SignalBatch,
  deps: IngestDeps,
): Handle {
  return async (body, encoding, organization) => {
    const refused = await takeBatch(deps, decode(body, encoding), organization)
    if (refused.length === 0) return exportResponse(kind, encoding)
    const ofKind = refused.filter(({ signal }) => signal === kind).length
    return exportResponse(kind, encoding, { count: ofKind, errorMessage: describeRefusals(refused) })
  }
}

/** Records what a sender of this organization, undefined being all, may write; gives what was refused. */
export async function takeBatch(
  { recordSignals, noteVersions, metrics, storeDeadlineMs = 8_000 }: Omit<IngestDeps, 'bodyBudget'>,
  sent: SignalBatch,
  organization: string | undefined,
): Promise<Refused[]> {
  const batch = organization === undefined ? sent : ownedBatch(sent, organization)
  const { spans, logs, refusals } = batch
  if (spans.length + logs.length + refusals.length === 0) return []
  const { refused } = await withDeadline(recordSignals(batch), storeDeadlineMs, 'recording signals')
  if (sent.versions) noteVersions?.(sent.versions, organization)
  count(metrics, batch, refused)
  return refused
}

function count(metrics: Metrics, { spans, logs, refusals }: SignalBatch, refused: Refused[]): void {
  for (const { signal, reason } of refused) metrics.ingestRefused.inc({ signal, reason })
  for (const [signal, decoded] of [['span', spans.length], ['log_record', logs.length]] as const) {
    const isOf = (refusal: { signal: SignalKind }): boolean => refusal.signal === signal
    const refusedByStore = refused.filter(isOf).length - refusals.filter(isOf).length
    metrics.ingestAccepted.inc({ signal }, Math.max(0, decoded - refusedByStore))
  }
}

export function exportResponse(
  kind: SignalKind,
  encoding: Encoding,
  refused?: { count: number; errorMessage: string },
): Response {
  const headers = { 'content-type': mediaTypes[encoding], 'cache-control': 'no-store' }
  return new Response(encodeExportResponse(kind, encoding, refused), { headers })
}

function statusResponse(
  status: number,
  message: string,
  encoding: Encoding,
  headers: Record<string, string> = {},
): Response {
  return new Response(encodeStatus(status, message, encoding), {
    status,
    headers: { 'content-type': mediaTypes[encoding], 'cache-control': 'no-store', ...headers },
  })
}
