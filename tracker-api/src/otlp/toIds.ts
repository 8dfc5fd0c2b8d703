import { RefusedRecord } from './RefusedRecord.ts'

/** A trace ID, in lower-case hex; null when it is empty or all zero. Throws {@link RefusedRecord}. */
export function toTraceId(hex: string): string | null {
  return toId(hex, 32, 'bad_trace_id', 'traceId')
}

/** A span ID, in lower-case hex; null when it is empty or all zero. Throws {@link RefusedRecord}. */
export function toSpanId(hex: string, field = 'spanId'): string | null {
  return toId(hex, 16, 'bad_span_id', field)
}

/** Where an ID must be: throws {@link RefusedRecord} for null too. */
export function required(id: string | null, reason: string, field: string): string {
  if (id === null) throw new RefusedRecord(reason, `${field} is missing or all zero`)
  return id
}

function toId(hex: string, digits: number, reason: string, field: string): string | null {
  if (hex === '') return null
  if (hex.length !== digits || !/^[0-9a-f]+$/.test(hex)) {
    throw new RefusedRecord(reason, `${field} must be ${digits} hex digits (${digits / 2} bytes)`)
  }
  return /^0+$/.test(hex) ? null : hex
}
