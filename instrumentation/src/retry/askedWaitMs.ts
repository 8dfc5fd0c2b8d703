import { refusalOf } from '../breakers/refusedUntil.ts'

/**
 * How long an error itself asks to wait before the next try: its `retryAfterMs`; the `Retry-After` among its
 * `headers` or its `response.headers`, in seconds or as an HTTP date (RFC 9110, 10.2.3); or the circuit breaker
 * that refused the call. The longest of them counts.
 *
 * @returns milliseconds; 0 where nothing is asked, `Infinity` where a breaker refused for nobody knows how long.
 */
export function askedWaitMs(error: unknown, nowUnixMs: number): number {
  if (typeof error !== 'object' || error === null) return 0
  const { retryAfterMs, headers, response } = error as Record<string, unknown>
  const responseHeaders = (response as Record<string, unknown> | null | undefined)?.['headers']
  return Math.max(
    toWaitMs(retryAfterMs),
    retryAfterHeaderMs(headers, nowUnixMs),
    retryAfterHeaderMs(responseHeaders, nowUnixMs),
    refusedMs(error, nowUnixMs),
  )
}

function refusedMs(error: object, nowUnixMs: number): number {
  const refusal = refusalOf(error)
  if (refusal === undefined) return 0
  return refusal.untilUnixMs === undefined ? Infinity : toWaitMs(refusal.untilUnixMs - nowUnixMs)
}

function retryAfterHeaderMs(headers: unknown, nowUnixMs: number): number {
  const value = readHeader(headers, 'retry-after')
  if (value === undefined) return 0
  const text = value.trim()
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : toWaitMs(Date.parse(text) - nowUnixMs)
}

/** From a `Headers` or from a plain map of whatever case. */
function readHeader(headers: unknown, wanted: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  if ('get' in headers && typeof headers.get === 'function') return toText(headers.get(wanted))
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)
  return toText(entry?.[1])
}

function toText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined
}

const toWaitMs = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0)
