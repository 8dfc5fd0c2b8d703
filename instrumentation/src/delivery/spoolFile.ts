import { crc32 } from 'node:zlib'
import { ENCODINGS, PRIORITIES, SIGNALS } from './Parcel.ts'
import type { Parcel } from './Parcel.ts'

// A file of the spool: one line of JSON that describes the parcel, then its body as it goes to the receiver.

const NEW_LINE = 10

export const spoolFileOf = ({ body, ...rest }: Parcel): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify({ ...rest, bytes: body.length, crc32: crc32(body) })}\n`), body])

/** `undefined` where the file is not whole, as after a power cut, or not ours. */
export function readSpoolFile(file: Buffer): Parcel | undefined {
  const end = file.indexOf(NEW_LINE)
  const header = end === -1 ? undefined : parse(file.toString('utf8', 0, end))
  if (header === undefined) return undefined
  const body = file.subarray(end + 1)
  const signal = SIGNALS.find((known) => known === header['signal'])
  const encoding = ENCODINGS.find((known) => known === header['encoding'])
  const priority = PRIORITIES.find((known) => known === header['priority'])
  const isWhole = header['bytes'] === body.length && header['crc32'] === crc32(body)
  if (!isWhole || !signal || !encoding || !priority || !Array.isArray(header['tallies'])) return undefined
  return { signal, encoding, priority, body, tallies: header['tallies'] }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
