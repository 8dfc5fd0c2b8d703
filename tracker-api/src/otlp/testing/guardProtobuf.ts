import protobuf from 'protobufjs/light.js'
import { MAX_PROTOBUF_MESSAGES, MAX_RECORDS, MAX_VALUE_DEPTH } from '../limits.ts'
import { UnreadableBody } from '../UnreadableBody.ts'

/** Submessages by field number. */
interface Shape {
  children: Record<number, Shape>
  /** Counts against {@link MAX_RECORDS}. */
  isRecord?: true
}

const anyValue: Shape = { children: {} }
const keyValue: Shape = { children: { 2: anyValue } }
Object.assign(anyValue.children, { 5: { children: { 1: anyValue } }, 6: { children: { 1: keyValue } } })

const resource: Shape = { children: { 1: keyValue } }
const scope: Shape = { children: {} }
const event: Shape = { children: { 3: keyValue }, isRecord: true }
const span: Shape = { children: { 9: keyValue, 11: event, 15: { children: {} } }, isRecord: true }
const logRecord: Shape = { children: { 5: anyValue, 6: keyValue }, isRecord: true }

export type RequestKind = 'traces' | 'logs'

const requests: Record<RequestKind, Shape> = {
  traces: { children: { 1: { children: { 1: resource, 2: { children: { 1: scope, 2: span } } } } } },
  logs: { children: { 1: { children: { 1: resource, 2: { children: { 1: scope, 2: logRecord } } } } } },
}

/** The envelope, and three messages a level of a map in a map; deeper is not decoded and so not counted. */
const MAX_DEPTH = 6 + 3 * (MAX_VALUE_DEPTH + 1)

/**
 * Counts what decoding a body would build, without building it: two bytes can ask for an object.
 * Throws {@link UnreadableBody}, with 413 for too many, 400 for what is no protobuf.
 */
export function guardProtobuf(body: Uint8Array, kind: RequestKind): void {
  const reader = protobuf.Reader.create(body)
  let messages = 0
  let records = 0

  const walk = (end: number, { children }: Shape, depth: number): void => {
    while (reader.pos < end) {
      const tag = reader.tag()
      const child = children[tag >>> 3]
      if ((tag & 7) === 2) {
        const childEnd = reader.size() + reader.pos
        if (childEnd > end) throw new RangeError('a length runs beyond its message')
        if (!child || depth === MAX_DEPTH) {
          reader.pos = childEnd
        } else {
          if (++messages > MAX_PROTOBUF_MESSAGES || (child.isRecord && ++records > MAX_RECORDS)) throw tooMany()
          walk(childEnd, child, depth + 1)
        }
      } else if ((tag & 7) === 0) {
        reader.bool() // a varint of at most ten bytes
      } else {
        reader.skipType(tag & 7, depth, tag >>> 3)
      }
    }
    if (reader.pos !== end) throw new RangeError('a field runs beyond its message')
  }

  try {
    walk(body.length, requests[kind], 0)
  } catch (cause) {
    if (cause instanceof UnreadableBody) throw cause
    throw new UnreadableBody('The body is not valid protobuf of this request', 400, { cause })
  }
}

function tooMany(): UnreadableBody {
  return new UnreadableBody(
    `The request holds more than ${MAX_RECORDS} records or ${MAX_PROTOBUF_MESSAGES} values; send smaller batches`,
    413,
  )
}
