import type { Parcel } from './Parcel.ts'

const COMMA = Buffer.from(',')
const END = Buffer.from(']}')

/**
 * One export request out of several of one signal and encoding. Protobuf messages are merged by joining their
 * bytes; in JSON all have the one list, whose items are joined.
 */
export function joinBodies(parcels: readonly Parcel[]): Buffer {
  const bodies = parcels.map((parcel) => parcel.body)
  const [first] = parcels
  if (first === undefined || first.encoding === 'http/protobuf') return Buffer.concat(bodies)
  const list = first.signal === 'logs' ? '{"resourceLogs":[' : '{"resourceSpans":['
  const items = bodies.map((body) => body.subarray(list.length, body.length - END.length))
  return Buffer.concat([
    Buffer.from(list),
    ...items.flatMap((item, at) => (at === 0 ? [item] : [COMMA, item])),
    END,
  ])
}
