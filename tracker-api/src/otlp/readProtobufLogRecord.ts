import { FIXED64, LENGTH_DELIMITED, VARINT } from './ProtobufCursor.ts'
import type { ProtobufCursor } from './ProtobufCursor.ts'
import { readAttribute, readValue } from './readProtobufValue.ts'
import type { WireLogRecord } from './wire.ts'

/** A LogRecord inside a message that ends there (opentelemetry-proto, logs.proto). */
export function readProtobufLogRecord(cursor: ProtobufCursor, outerEnd: number): WireLogRecord {
  const end = cursor.openRecord(outerEnd)
  const record: WireLogRecord = {
    traceId: '',
    spanId: '',
    eventName: '',
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    body: null,
    attributes: [],
    droppedAttributesCount: 0,
  }
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    switch (tag) {
      case (1 << 3) | FIXED64:
        record.timeUnixNano = cursor.fixed64()
        break
      case (2 << 3) | VARINT:
        record.severityNumber = cursor.int32()
        break
      case (5 << 3) | LENGTH_DELIMITED:
        record.body = readValue(cursor, end)
        break
      case (6 << 3) | LENGTH_DELIMITED:
        record.attributes.push(readAttribute(cursor, end))
        break
      case (7 << 3) | VARINT:
        record.droppedAttributesCount = cursor.uint32()
        break
      case (9 << 3) | LENGTH_DELIMITED:
        record.traceId = cursor.hex()
        break
      case (10 << 3) | LENGTH_DELIMITED:
        record.spanId = cursor.hex()
        break
      case (11 << 3) | FIXED64:
        record.observedTimeUnixNano = cursor.fixed64()
        break
      case (12 << 3) | LENGTH_DELIMITED:
        record.eventName = cursor.text()
        break
      default:
        cursor.skip(tag)
    }
  }
  return record
}
