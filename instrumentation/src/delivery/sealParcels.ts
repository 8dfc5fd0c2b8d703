import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { tallyOfRecord, tallyOfSpan } from './itemsOf.ts'
import type { Encoding, Parcel, Priority, Signal, Tally } from './Parcel.ts'

/** How items of one signal become bytes. */
export type Packing<T> = {
  signal: Signal
  encoding: Encoding
  serialize: (items: T[]) => Uint8Array | undefined
  tally: (item: T) => Tally
}

export function packRecords(encoding: Encoding): Packing<ReadableLogRecord> {
  const serializer = encoding === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer
  return {
    signal: 'logs',
    encoding,
    serialize: (items) => serializer.serializeRequest(items),
    tally: tallyOfRecord,
  }
}

export function packSpans(encoding: Encoding): Packing<ReadableSpan> {
  const serializer = encoding === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer
  return {
    signal: 'traces',
    encoding,
    serialize: (items) => serializer.serializeRequest(items),
    tally: tallyOfSpan,
  }
}

export type Sealed = { parcels: Parcel[]; unserializable: Tally[] }

/** One parcel; where an item can't be serialized, a parcel for each of the others. */
export function sealParcels<T>(packing: Packing<T>, priority: Priority, items: T[]): Sealed {
  const { signal, encoding, serialize, tally } = packing
  try {
    const bytes = serialize(items)
    if (bytes === undefined) throw new Error('the serializer gave nothing')
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return { parcels: [{ signal, encoding, priority, body, tallies: sumByTrace(items.map(tally)) }], unserializable: [] }
  } catch {
    if (items.length === 1) return { parcels: [], unserializable: items.map(tally) }
    const apart = items.map((item) => sealParcels(packing, priority, [item]))
    return {
      parcels: apart.flatMap((sealed) => sealed.parcels),
      unserializable: apart.flatMap((sealed) => sealed.unserializable),
    }
  }
}

function sumByTrace(tallies: readonly Tally[]): Tally[] {
  const sums = new Map<string, Tally>()
  for (const { traceId, records, spans, fromMs, toMs } of tallies) {
    const sum = sums.get(traceId) ?? { traceId, records: 0, spans: 0, fromMs, toMs }
    sum.records += records
    sum.spans += spans
    sum.fromMs = Math.min(sum.fromMs, fromMs)
    sum.toMs = Math.max(sum.toMs, toMs)
    sums.set(traceId, sum)
  }
  return [...sums.values()]
}
