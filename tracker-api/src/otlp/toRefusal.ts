import type { Json, Refusal, SignalKind } from '../signal.ts'
import { MAX_TEXT_BYTES } from './limits.ts'
import { RefusedRecord } from './RefusedRecord.ts'
import { toJson, toJsonAttributes } from './toJson.ts'
import type { Source } from './toSource.ts'
import { toText } from './toText.ts'
import type { Malformed, WireEvent, WireLogRecord, WireSpan } from './wire.ts'

const MAX_DETAIL_LENGTH = 200

/** `path` says where in the request the record stands; it holds no input. Rethrows what is no refusal. */
export function toRefusal(
  error: unknown,
  signal: SignalKind,
  path: string,
  record: WireSpan | WireEvent | WireLogRecord | Malformed,
  source: Source,
): Refusal {
  if (!(error instanceof RefusedRecord)) throw error
  const detail = `${path}: ${error.message}`.slice(0, MAX_DETAIL_LENGTH)
  return { signal, reason: error.reason, detail, payload: { ...source, ...payloadOf(record) } }
}

/** The record as it was sent, as far as it fits; what is too deep is marked. */
function payloadOf(record: WireSpan | WireEvent | WireLogRecord | Malformed): { [key: string]: Json } {
  if ('malformed' in record) return record.payload
  const scalars = Object.entries(record).flatMap(([key, value]): [string, Json][] => {
    if (typeof value === 'string') return [[key, toText(value, MAX_TEXT_BYTES)]]
    return typeof value === 'number' || typeof value === 'bigint' ? [[key, String(value)]] : []
  })
  const body = 'body' in record ? { body: toJson(record.body, MAX_TEXT_BYTES, undefined, 'mark') } : {}
  const attributes = toJsonAttributes(record.attributes, record.droppedAttributesCount, 'mark')
  return { ...Object.fromEntries(scalars), ...body, attributes }
}
