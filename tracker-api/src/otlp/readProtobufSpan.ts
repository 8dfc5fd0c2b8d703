import { FIXED64, LENGTH_DELIMITED, VARINT } from './ProtobufCursor.ts'
import type { ProtobufCursor } from './ProtobufCursor.ts'
import { readAttribute } from './readProtobufValue.ts'
import type { WireEvent, WireSpan } from './wire.ts'

/** A Span inside a message that ends there (opentelemetry-proto, trace.proto). */
export function readProtobufSpan(cursor: ProtobufCursor, outerEnd: number): WireSpan {
  const end = cursor.openRecord(outerEnd)
  const span: WireSpan = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    name: '',
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    statusCode: 0,
    statusMessage: '',
  }
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    switch (tag) {
      case (1 << 3) | LENGTH_DELIMITED:
        span.traceId = cursor.hex()
        break
      case (2 << 3) | LENGTH_DELIMITED:
        span.spanId = cursor.hex()
        break
      case (4 << 3) | LENGTH_DELIMITED:
        span.parentSpanId = cursor.hex()
        break
      case (5 << 3) | LENGTH_DELIMITED:
        span.name = cursor.text()
        break
      case (6 << 3) | VARINT:
        span.kind = cursor.int32()
        break
      case (7 << 3) | FIXED64:
        span.startTimeUnixNano = cursor.fixed64()
        break
      case (8 << 3) | FIXED64:
        span.endTimeUnixNano = cursor.fixed64()
        break
      case (9 << 3) | LENGTH_DELIMITED:
        span.attributes.push(readAttribute(cursor, end))
        break
      case (10 << 3) | VARINT:
        span.droppedAttributesCount = cursor.uint32()
        break
      case (11 << 3) | LENGTH_DELIMITED:
        span.events.push(readEvent(cursor, end))
        break
      case (15 << 3) | LENGTH_DELIMITED:
        readStatus(cursor, end, span)
        break
      default:
        cursor.skip(tag)
    }
  }
  return span
}

function readEvent(cursor: ProtobufCursor, outerEnd: number): WireEvent {
  const end = cursor.openRecord(outerEnd)
  const event: WireEvent = { timeUnixNano: 0n, name: '', attributes: [], droppedAttributesCount: 0 }
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    switch (tag) {
      case (1 << 3) | FIXED64:
        event.timeUnixNano = cursor.fixed64()
        break
      case (2 << 3) | LENGTH_DELIMITED:
        event.name = cursor.text()
        break
      case (3 << 3) | LENGTH_DELIMITED:
        event.attributes.push(readAttribute(cursor, end))
        break
      case (4 << 3) | VARINT:
        event.droppedAttributesCount = cursor.uint32()
        break
      default:
        cursor.skip(tag)
    }
  }
  return event
}

function readStatus(cursor: ProtobufCursor, outerEnd: number, span: WireSpan): void {
  const end = cursor.open(outerEnd)
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    if (tag === ((2 << 3) | LENGTH_DELIMITED)) span.statusMessage = cursor.text()
    else if (tag === ((3 << 3) | VARINT)) span.statusCode = cursor.int32()
    else cursor.skip(tag)
  }
}
