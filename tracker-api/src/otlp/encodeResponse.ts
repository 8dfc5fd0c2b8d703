import type { SignalKind } from '../signal.ts'
import type { Encoding } from './decode.ts'
import { LogsResponse, Status, TracesResponse } from './responseSchema.ts'

/** Body of an Export…ServiceResponse. With nothing refused `partialSuccess` stays unset, as OTLP demands. */
export function encodeExportResponse(
  kind: SignalKind,
  encoding: Encoding,
  refused?: { count: number; errorMessage: string },
): Uint8Array<ArrayBuffer> {
  if (!refused) return encoding === 'json' ? toBytes({}) : new Uint8Array()
  const { count, errorMessage } = refused
  const field = kind === 'span' ? 'rejectedSpans' : 'rejectedLogRecords'
  // 64-bit integers are text in protobuf's JSON form.
  const message = { partialSuccess: { [field]: String(count), errorMessage } }
  if (encoding === 'json') return toBytes(message)
  const type = kind === 'span' ? TracesResponse : LogsResponse
  return new Uint8Array(type.encode(type.fromObject(message)).finish())
}

/** Canonical codes of google.rpc.Code for the HTTP statuses that we answer. */
const rpcCodes: Record<number, number> = { 400: 3, 405: 12, 408: 4, 413: 8, 415: 3, 421: 3, 429: 8, 503: 14 }
const RPC_CODE_UNKNOWN = 2

/** Body of an error: a google.rpc.Status. */
export function encodeStatus(httpStatus: number, message: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  const status = { code: rpcCodes[httpStatus] ?? RPC_CODE_UNKNOWN, message }
  return encoding === 'json' ? toBytes(status) : new Uint8Array(Status.encode(status).finish())
}

function toBytes(message: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(message))
}
