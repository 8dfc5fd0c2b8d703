import type { Agent as HttpAgent, ClientRequest, IncomingMessage, request as httpRequest } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { ROOT_CONTEXT, context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import { joinBodies } from './joinBodies.ts'
import type { Encoding, Parcel, Signal } from './Parcel.ts'
import { retryAfterMs } from './retryAfterMs.ts'

export type Outcome =
  | { kind: 'delivered' }
  /** The receiver is away, overloaded or set up wrong: the same may go later, not before `afterMs`. */
  | { kind: 'failed'; cause: unknown; afterMs?: number; status?: number }
  /** The receiver takes no such body, now or later. */
  | { kind: 'refused'; cause: unknown }

/** Posts parcels of one signal and encoding; never rejects, and ends by the time-out of `OTEL_EXPORTER_OTLP_TIMEOUT`. */
export type Send = (parcels: readonly Parcel[], abort: AbortSignal) => Promise<Outcome>

const CONTENT_TYPES = { 'http/json': 'application/json', 'http/protobuf': 'application/x-protobuf' } as const

/** Those of 4xx that tell of the way, the time or the credentials and not of the body: somebody can repair them. */
const PASSING = new Set([401, 403, 404, 405, 407, 408, 421, 425, 429])

/** What whoever sets a service up for the first time most likely has to do. */
const HINTS: Readonly<Record<number, string>> = {
  401: '; it wants a token: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<token>',
  403: '; the token in OTEL_EXPORTER_OTLP_HEADERS may not write, or not for this organization',
  404: '; OTEL_EXPORTER_OTLP_ENDPOINT is the address of a tracker or Collector, without /v1/logs',
}

type Client = { request: typeof httpRequest; agent: HttpAgent | HttpsAgent }

/** The SDK's own exporters hide `Retry-After` and give up after ten seconds; their settings are used as they are. */
export function makeSender(signal: Signal): Send {
  const config = convertLegacyHttpOptions({}, signal.toUpperCase(), `v1/${signal}`, {})
  const url = new URL(config.url)
  let client: Promise<Client> | undefined

  async function connect(): Promise<Client> {
    // Loaded late, so that instrumentations registered after us still see the host's first import of it.
    const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
    return { request, agent: await config.agentFactory(url.protocol) }
  }

  async function post(parcels: readonly Parcel[], encoding: Encoding, abort: AbortSignal): Promise<Outcome> {
    const { request, agent } = await (client ??= connect())
    const isGzip = config.compression === 'gzip'
    const joined = joinBodies(parcels)
    const body = isGzip ? await promisify(gzip)(joined) : joined
    const headers = {
      ...(await config.headers()),
      'content-type': CONTENT_TYPES[encoding],
      'content-length': body.length,
      ...(isGzip && { 'content-encoding': 'gzip' }),
    }
    const posted = request(url, { method: 'POST', headers, agent, signal: abort })
    return outcomeOf(await answerTo(posted, body, config.timeoutMillis))
  }

  return (parcels, abort) =>
    context.with(suppressTracing(ROOT_CONTEXT), async (): Promise<Outcome> => {
      try {
        return await post(parcels, parcels[0]?.encoding ?? 'http/json', abort)
      } catch (cause) {
        return { kind: 'failed', cause }
      }
    })
}

function answerTo(posted: ClientRequest, body: Buffer, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => posted.destroy(new Error(`no answer from ${posted.host} within ${timeoutMs} ms`)),
      timeoutMs,
    )
    posted.on('close', () => clearTimeout(timer))
    posted.on('error', reject)
    posted.on('response', (response) => {
      response.on('error', () => {}).resume()
      resolve(response)
    })
    posted.end(body)
  })
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const cause = new Error(`the receiver answered ${status}${HINTS[status] ?? ''}`)
  if (status >= 400 && status < 500 && !PASSING.has(status)) return { kind: 'refused', cause }
  const afterMs = retryAfterMs(headers['retry-after'], Date.now())
  return { kind: 'failed', cause, status, ...(afterMs !== undefined && { afterMs }) }
}
