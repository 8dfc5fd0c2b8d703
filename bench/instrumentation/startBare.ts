import { SeverityNumber, context, logs, trace } from '@opentelemetry/api'
import type { Context, Span } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import type { Workload } from './Workload.ts'

const told = { 'vividly.pipeline.name': 'content_generation', 'vividly.stage.name': 'validation', 'vividly.stage.attempt': 1 }

/** OpenTelemetry's own SDK as its documentation sets it up, and the same spans and records by hand. */
export function startBare(): Workload {
  const sdk = new NodeSDK({
    serviceName: 'bench',
    metricReaders: [],
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  })
  sdk.start()
  const tracer = trace.getTracer('bench')
  const logger = logs.getLogger('bench')
  const emit = (name: string, within: Context = context.active()) =>
    logger.emit({ eventName: name, severityNumber: SeverityNumber.INFO, body: name, attributes: told, context: within })
  let span: Span | undefined
  let within = context.active()
  return {
    stage() {
      const stage = tracer.startSpan('validation', { attributes: told })
      context.with(trace.setSpan(context.active(), stage), () => {
        for (const name of ['started', 'api_call', 'cache_hit', 'completed']) emit(`vividly.stage.${name}`)
        tracer.startSpan('call').end()
      })
      stage.end()
    },
    calls: [
      () => {
        span = tracer.startSpan('validation', { attributes: told })
        within = trace.setSpan(context.active(), span)
        emit('vividly.stage.started', within)
      },
      () => emit('vividly.api_call', within),
      () => {
        emit('vividly.stage.completed', within)
        span?.end()
      },
    ],
  }
}
