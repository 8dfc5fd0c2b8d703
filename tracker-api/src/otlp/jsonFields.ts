/**
 * Fields of OTLP's JSON form (protobuf's JSON mapping with OTLP's changes): IDs are hex, enums are integers,
 * 64-bit integers come as text or number, null is absent. A field of another type throws {@link RefusedRecord}.
 */
import type { ParsedJson, ParsedObject } from './parseJson.ts'
import { RefusedRecord } from './RefusedRecord.ts'

export function objectOf(value: ParsedJson, field: string): ParsedObject | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'object' && !Array.isArray(value)) return value
  throw malformed(field, 'an object')
}

export function listOf(value: ParsedJson, field: string): ParsedJson[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  throw malformed(field, 'an array')
}

export function textOf(value: ParsedJson, field: string): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  throw malformed(field, 'text')
}

/** Lower-case hex; what is no hex stays for the rules on IDs to judge. */
export function idOf(value: ParsedJson, field: string): string {
  return textOf(value, field).toLowerCase()
}

export function int32Of(value: ParsedJson, field: string): number {
  const integer = integerOf(value, field)
  if (integer < -(2n ** 31n) || integer >= 2n ** 32n) throw malformed(field, 'a 32-bit integer')
  return Number(integer)
}

export function int64Of(value: ParsedJson, field: string): bigint {
  const integer = integerOf(value, field)
  if (BigInt.asIntN(64, integer) !== integer) throw malformed(field, 'a 64-bit integer')
  return integer
}

/** Nanoseconds since the Unix epoch, an unsigned 64-bit integer. */
export function nanosOf(value: ParsedJson, field: string): bigint {
  const integer = integerOf(value, field)
  if (BigInt.asUintN(64, integer) !== integer) throw malformed(field, 'an unsigned 64-bit integer')
  return integer
}

export function doubleOf(value: ParsedJson, field: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  if (typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return Number(value)
  throw malformed(field, 'a number')
}

export function malformed(field: string, wanted: string): RefusedRecord {
  return new RefusedRecord('malformed', `${field} must be ${wanted}`)
}

function integerOf(value: ParsedJson, field: string): bigint {
  if (value === null || value === undefined) return 0n
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value)
  throw malformed(field, 'an integer')
}
