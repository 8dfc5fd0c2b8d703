import protobuf from 'protobufjs/light.js'
import { MAX_PROTOBUF_MESSAGES, MAX_RECORDS } from './limits.ts'
import { UnreadableBody } from './UnreadableBody.ts'

/** Wire types, the low three bits of a tag. */
export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2

/**
 * Where reading stands in one body. It counts what it opens, so that a body which asks for more objects than the limits allow
 * is refused before they are made: two bytes can ask for one. Bytes, varints and the skipping of what is unknown are
 * protobufjs'. Throws {@link UnreadableBody} with 413 for too many, and whatever protobufjs throws for what is no protobuf.
 */
export class ProtobufCursor {
  readonly #reader: protobuf.Reader
  readonly #body: Buffer
  #messages = 0
  #records = 0

  constructor(body: Buffer) {
    this.#body = body
    this.#reader = protobuf.Reader.create(body)
  }

  /** The next field of a message that ends there, as `number << 3 | wire type`; 0 at its end. */
  tag(end: number): number {
    const reader = this.#reader
    if (reader.pos < end) return reader.tag() || illegalTag()
    if (reader.pos > end) throw new RangeError('a field runs beyond its message')
    return 0
  }

  /** Enters a message inside one that ends there; gives where it ends itself. */
  open(outerEnd: number): number {
    if (++this.#messages > MAX_PROTOBUF_MESSAGES) throw tooMany()
    const end = this.#reader.size() + this.#reader.pos
    if (end > outerEnd) throw new RangeError('a length runs beyond its message')
    return end
  }

  /** The same for a span, an event of one or a log record. */
  openRecord(outerEnd: number): number {
    if (++this.#records > MAX_RECORDS) throw tooMany()
    return this.open(outerEnd)
  }

  /** Past a message that was entered, unread. */
  leave(end: number): void {
    this.#reader.pos = end
  }

  skip(tag: number): void {
    // A varint ends after ten bytes; skipType would go on.
    if ((tag & 7) === VARINT && tag >>> 3 !== 0) this.#reader.bool()
    else this.#reader.skipType(tag & 7, 0, tag >>> 3)
  }

  /** U+FFFD for what is no UTF-8. */
  text(): string {
    return this.#reader.string()
  }

  /** In lower case. */
  hex(): string {
    const end = this.#sized()
    return this.#body.toString('hex', this.#reader.pos, (this.#reader.pos = end))
  }

  bytes(): Uint8Array {
    const end = this.#sized()
    return this.#body.subarray(this.#reader.pos, (this.#reader.pos = end))
  }

  int32(): number {
    return this.#reader.int32()
  }

  uint32(): number {
    return this.#reader.uint32()
  }

  bool(): boolean {
    return this.#reader.bool()
  }

  double(): number {
    return this.#reader.double()
  }

  fixed64(): bigint {
    const at = this.#reader.pos
    this.#reader.pos = at + 8
    return this.#body.readBigUInt64LE(at)
  }

  int64(): bigint {
    const reader = this.#reader
    const byte = this.#body[reader.pos] ?? 0x80
    // Most integers are small.
    if (byte < 0x80) {
      reader.pos++
      return BigInt(byte)
    }
    return (reader.int64() as unknown as { toBigInt: () => bigint }).toBigInt()
  }

  #sized(): number {
    const end = this.#reader.size() + this.#reader.pos
    if (end > this.#body.length) throw new RangeError('a length runs beyond the body')
    return end
  }
}

function illegalTag(): never {
  throw new RangeError('a field has the number 0')
}

function tooMany(): UnreadableBody {
  return new UnreadableBody(
    `The request holds more than ${MAX_RECORDS} records or ${MAX_PROTOBUF_MESSAGES} values; send smaller batches`,
    413,
  )
}
