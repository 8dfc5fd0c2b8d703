import { decodeLogs, decodeTraces } from '../../tracker-api/src/otlp/decode.ts'
import type { Encoding } from '../../tracker-api/src/otlp/decode.ts'
import type { Body } from './makeWorkload.ts'

/** Microseconds of CPU an item from bytes to signals, after a warm-up of the same. */
export function measureDecoding(bodies: readonly Body[], encoding: Encoding): number {
  decodeAll(bodies, encoding)
  const before = process.cpuUsage()
  decodeAll(bodies, encoding)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / bodies.reduce((sum, { items }) => sum + items, 0)
}

function decodeAll(bodies: readonly Body[], encoding: Encoding): void {
  for (const { path, body } of bodies) {
    const { refusals } = path === '/v1/logs' ? decodeLogs(body, encoding) : decodeTraces(body, encoding)
    if (refusals.length > 0) throw new Error(`A record of the workload was refused: ${refusals[0]?.detail}`)
  }
}
