import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as OTLPProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as OTLPProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { outageReporting } from './outageReporting.ts'
import type { Outage } from './outageReporting.ts'
import { environment, environmentNumber } from './readEnvironment.ts'

/** A life-cycle record is on its way 100 ms after it happened; the SDK's default is 1 s. */
const LOG_DELAY_MS = 100
/** The SDK's default is 5 s. */
const SPAN_DELAY_MS = 1000

/** `undefined` where the environment asks for an exporter other than OTLP over HTTP: the SDK then makes it. */
export function spanProcessor(outage: Outage): BatchSpanProcessor | undefined {
  const protocol = otlpProtocol('TRACES')
  if (protocol === undefined) return undefined
  const exporter = protocol === 'http/json' ? new OTLPTraceExporter() : new OTLPProtobufTraceExporter()
  return new BatchSpanProcessor({
    exporter: outageReporting('spans', exporter, outage),
    ...batchLimits('OTEL_BSP', SPAN_DELAY_MS),
  })
}

/** As {@link spanProcessor}. */
export function logRecordProcessor(outage: Outage): BatchLogRecordProcessor | undefined {
  const protocol = otlpProtocol('LOGS')
  if (protocol === undefined) return undefined
  const exporter = protocol === 'http/json' ? new OTLPLogExporter() : new OTLPProtobufLogExporter()
  return new BatchLogRecordProcessor({
    exporter: outageReporting('log records', exporter, outage),
    ...batchLimits('OTEL_BLRP', LOG_DELAY_MS),
  })
}

function otlpProtocol(signal: 'TRACES' | 'LOGS'): 'http/json' | 'http/protobuf' | undefined {
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

function batchLimits(prefix: 'OTEL_BSP' | 'OTEL_BLRP', delayMs: number) {
  const maxQueueSize = environmentNumber(`${prefix}_MAX_QUEUE_SIZE`, 2048)
  return {
    scheduledDelayMillis: environmentNumber(`${prefix}_SCHEDULE_DELAY`, delayMs),
    exportTimeoutMillis: environmentNumber(`${prefix}_EXPORT_TIMEOUT`, 30_000),
    maxQueueSize,
    maxExportBatchSize: environmentNumber(`${prefix}_MAX_EXPORT_BATCH_SIZE`, Math.min(512, maxQueueSize)),
  }
}
