import { MAX_VALUE_DEPTH } from './limits.ts'
import { FIXED64, LENGTH_DELIMITED, VARINT } from './ProtobufCursor.ts'
import type { ProtobufCursor } from './ProtobufCursor.ts'
import { TOO_DEEP } from './wire.ts'
import type { WireAttribute, WireValue } from './wire.ts'

/** A KeyValue inside a message that ends there (opentelemetry-proto, common.proto). */
export function readAttribute(cursor: ProtobufCursor, outerEnd: number, depth = 1): WireAttribute {
  const end = cursor.open(outerEnd)
  const attribute: WireAttribute = { key: '', value: null }
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    if (tag === ((1 << 3) | LENGTH_DELIMITED)) attribute.key = cursor.text()
    else if (tag === ((2 << 3) | LENGTH_DELIMITED)) attribute.value = readValue(cursor, end, depth)
    else cursor.skip(tag)
  }
  return attribute
}

/**
 * An AnyValue inside a message that ends there; of several fields the last. What lies deeper than
 * {@link MAX_VALUE_DEPTH} is not read: it costs its record, not the request.
 */
export function readValue(cursor: ProtobufCursor, outerEnd: number, depth = 1): WireValue {
  const end = cursor.open(outerEnd)
  if (depth > MAX_VALUE_DEPTH) {
    cursor.leave(end)
    return TOO_DEEP
  }
  let value: WireValue = null
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    switch (tag) {
      case (1 << 3) | LENGTH_DELIMITED:
        value = cursor.text()
        break
      case (2 << 3) | VARINT:
        value = cursor.bool()
        break
      case (3 << 3) | VARINT:
        value = cursor.int64()
        break
      case (4 << 3) | FIXED64:
        value = cursor.double()
        break
      case (5 << 3) | LENGTH_DELIMITED:
        value = { list: readList(cursor, end, depth) }
        break
      case (6 << 3) | LENGTH_DELIMITED:
        value = { entries: readEntries(cursor, end, depth) }
        break
      case (7 << 3) | LENGTH_DELIMITED:
        value = cursor.bytes()
        break
      default:
        cursor.skip(tag)
    }
  }
  return value
}

function readList(cursor: ProtobufCursor, outerEnd: number, depth: number): WireValue[] {
  const end = cursor.open(outerEnd)
  const list: WireValue[] = []
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    if (tag === ((1 << 3) | LENGTH_DELIMITED)) list.push(readValue(cursor, end, depth + 1))
    else cursor.skip(tag)
  }
  return list
}

function readEntries(cursor: ProtobufCursor, outerEnd: number, depth: number): WireAttribute[] {
  const end = cursor.open(outerEnd)
  const entries: WireAttribute[] = []
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    if (tag === ((1 << 3) | LENGTH_DELIMITED)) entries.push(readAttribute(cursor, end, depth + 1))
    else cursor.skip(tag)
  }
  return entries
}
