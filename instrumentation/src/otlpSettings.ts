import type { BatchLimits } from './delivery/startDelivery.ts'
import type { Encoding } from './delivery/Parcel.ts'
import { environment, environmentNumber } from './readEnvironment.ts'

/** A life-cycle record is on its way 100 ms after it happened; the SDK's default is 1 s. */
const LOG_DELAY_MS = 100
/** The SDK's default is 5 s. */
const SPAN_DELAY_MS = 1000

/**
 * `undefined` where the environment asks for an exporter other than OTLP over HTTP: the SDK then makes it.
 * @throws Error at an address that is none.
 */
export function otlpEncoding(signal: 'TRACES' | 'LOGS'): Encoding | undefined {
  if ((environment(`OTEL_${signal}_EXPORTER`) ?? 'otlp') !== 'otlp') return undefined
  const protocol =
    environment(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ??
    environment('OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/json'
  if (protocol !== 'http/json' && protocol !== 'http/protobuf') return undefined
  checkAddress(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)
  checkAddress('OTEL_EXPORTER_OTLP_ENDPOINT')
  return protocol
}

/** @throws Error if set and wrong. The SDK would fall back to localhost, where nobody meant a host's data to go. */
function checkAddress(name: string): void {
  const address = environment(name)
  if (address === undefined || /^https?:$/.test(URL.parse(address)?.protocol ?? '')) return
  throw new Error(`${name} is ${JSON.stringify(address)}, which is no http:// or https:// address`)
}

export const logLimits = (): BatchLimits => batchLimits('OTEL_BLRP', LOG_DELAY_MS)
export const spanLimits = (): BatchLimits => batchLimits('OTEL_BSP', SPAN_DELAY_MS)

/** The standard variables of a batch processor; a full queue loses nothing here, it is serialized at once. */
function batchLimits(prefix: 'OTEL_BSP' | 'OTEL_BLRP', delayMs: number): BatchLimits {
  return {
    delayMs: environmentNumber(`${prefix}_SCHEDULE_DELAY`, delayMs),
    maxItems: environmentNumber(`${prefix}_MAX_QUEUE_SIZE`, 8192),
    maxParcelItems: Math.min(64, environmentNumber(`${prefix}_MAX_EXPORT_BATCH_SIZE`, 64)),
  }
}
