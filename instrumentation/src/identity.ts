/**
 * One request, one 128-bit identity, three spellings, each computed from any other without a table.
 *
 * - correlation ID: `vvd_<13-digit Unix ms>_<8 hex random>`, for people, tickets and queue messages.
 * - trace ID: `c1d` + the 13 digits + 8 check digits + the 8 random ones; the check digits are the first
 *   8 hex digits of the SHA-256 of the correlation ID.
 * - request ID: the trace ID with hyphens, as a `uuid` column takes it.
 * - root span ID: the low half of the trace ID, so an ID alone is a complete parent.
 * - ours: a trace ID of that form whose check digits match. Any other trace is foreign: its request ID is
 *   its trace ID with hyphens and its correlation ID the same without, except that `c1d` and a digit
 *   becomes `c1e` and that digit in both, so that `c1d0` to `c1d9` hold nothing but times.
 */
import { hash, randomInt } from 'node:crypto'
import { remembering } from './remembering.ts'

/** What every spelling of a request's identity says. */
export type Identity = {
  correlationId: string
  /** 32 lower-case hex digits. */
  traceId: string
  /** The trace ID hyphenated 8-4-4-4-12. */
  requestId: string
  /** 16 lower-case hex digits: what the request's stages name as their parent. */
  rootSpanId: string
  /** Unix milliseconds that an ID of ours holds; a foreign one has none. */
  createdAtMs?: number
  ours: boolean
}

const CORRELATION_ID = /^vvd_(\d{13})_([0-9a-f]{8})$/
const TRACE_ID = /^[0-9a-f]{32}$/
const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TIMED_TRACE_ID = /^c1d(\d{13})[0-9a-f]{8}([0-9a-f]{8})$/
const NO_TRACE = '0'.repeat(32)
const NO_SPAN = '0'.repeat(16)
const MAX_TIME_MS = 9_999_999_999_999
/** A request is named dozens of times while it runs, and each check of its digits is a hash. */
const REMEMBERED_IDS = 2000

/**
 * A new request's correlation ID.
 * @param nowMs Unix milliseconds, 0 to 9999999999999.
 * @param randomUint32 draws 32 random bits; drawn again should the low half of the trace ID come out all zero.
 * @throws RangeError if the time does not fit into 13 digits.
 */
export function newCorrelationId(
  nowMs: number,
  randomUint32: () => number = () => randomInt(2 ** 32),
): string {
  const timeMs = Math.trunc(nowMs)
  if (!(timeMs >= 0 && timeMs <= MAX_TIME_MS)) {
    throw new RangeError(
      `A correlation ID holds 13 digits of Unix milliseconds, and ${nowMs} does not fit into them.`,
    )
  }
  const prefix = `vvd_${String(timeMs).padStart(13, '0')}_`
  for (;;) {
    const random = randomUint32() >>> 0
    const correlationId = prefix + random.toString(16).padStart(8, '0')
    if (random !== 0 || isUsable(toTraceId(correlationId))) return correlationId
  }
}

/**
 * Reads any spelling, in either case; `undefined` for what is none.
 * The `c1e…` request ID of a foreign `c1d…` trace does not lead back to that trace ID: only the tracker knows it.
 */
export function parseIdentity(anySpelling: string): Identity | undefined {
  return typeof anySpelling === 'string' ? readIdentity(anySpelling) : undefined
}

const readIdentity = remembering(REMEMBERED_IDS, (spelling: string): Readonly<Identity> | undefined => {
  const text = spelling.trim().toLowerCase()
  if (CORRELATION_ID.test(text)) return ofOurs(text, toTraceId(text))
  const traceId = REQUEST_ID.test(text) ? text.replaceAll('-', '') : text
  if (!TRACE_ID.test(traceId) || traceId === NO_TRACE) return undefined
  return toOurs(traceId) ?? toForeign(traceId)
})

/** `vvd_…` of any spelling. @throws TypeError for what is none; so do the other `…Of`. */
export const correlationIdOf = (anySpelling: string): string => identityOf(anySpelling).correlationId
/** 32 hex digits, as OpenTelemetry takes them. */
export const traceIdOf = (anySpelling: string): string => identityOf(anySpelling).traceId
/** The trace ID with hyphens, as a `uuid` column and the tracker's API take it. */
export const requestIdOf = (anySpelling: string): string => identityOf(anySpelling).requestId
/** 16 hex digits: the parent of whatever belongs to the request and has no nearer one. */
export const rootSpanIdOf = (anySpelling: string): string => identityOf(anySpelling).rootSpanId

/** A W3C `traceparent` that makes whatever follows a child of the request's root span. */
export function traceparentOf(anySpelling: string): string {
  const { traceId, rootSpanId } = identityOf(anySpelling)
  return `00-${traceId}-${rootSpanId}-01`
}

/** {@link parseIdentity} for callers that have no other way on. */
export function identityOf(anySpelling: string): Identity {
  const identity = parseIdentity(anySpelling)
  if (identity !== undefined) return identity
  const shown =
    typeof anySpelling === 'string' ? JSON.stringify(anySpelling.slice(0, 60)) : typeof anySpelling
  throw new TypeError(
    `${shown} names no request. Use its correlation ID (vvd_<13 digits>_<8 hex>), ` +
      'its trace ID (32 hex) or its request ID (UUID).',
  )
}

function toTraceId(correlationId: string): string {
  const check = hash('sha256', correlationId, 'hex').slice(0, 8)
  return `c1d${correlationId.slice(4, 17)}${check}${correlationId.slice(18)}`
}

function toOurs(traceId: string): Identity | undefined {
  const [, digits, random] = TIMED_TRACE_ID.exec(traceId) ?? []
  if (digits === undefined || random === undefined) return undefined
  const correlationId = `vvd_${digits}_${random}`
  return toTraceId(correlationId) === traceId ? ofOurs(correlationId, traceId) : undefined
}

function ofOurs(correlationId: string, traceId: string): Identity | undefined {
  if (!isUsable(traceId)) return undefined
  return {
    correlationId,
    traceId,
    requestId: hyphenate(traceId),
    rootSpanId: traceId.slice(16),
    createdAtMs: Number(correlationId.slice(4, 17)),
    ours: true,
  }
}

function toForeign(traceId: string): Identity {
  const correlationId = /^c1d\d/.test(traceId) ? `c1e${traceId.slice(3)}` : traceId
  return {
    correlationId,
    traceId,
    requestId: hyphenate(correlationId),
    // A parent ID may not be all zero; the other half of such a trace ID is not.
    rootSpanId: isUsable(traceId) ? traceId.slice(16) : traceId.slice(0, 16),
    ours: false,
  }
}

const isUsable = (traceId: string): boolean => traceId.slice(16) !== NO_SPAN

const hyphenate = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
