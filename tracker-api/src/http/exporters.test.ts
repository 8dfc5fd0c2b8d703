import { SpanStatusCode } from '@opentelemetry/api'
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { TracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listen } from '../listen.ts'
import type { Listening } from '../listen.ts'
import type { SignalBatch } from '../signal.ts'
import { createTestApp } from './testing/createTestApp.ts'

const batches: SignalBatch[] = []
let served: Listening
beforeAll(async () => {
  const { app } = createTestApp({
    recordSignals: async (batch) => {
      batches.push(batch)
      return { refused: batch.refusals }
    },
  })
  served = await listen(app, '127.0.0.1', 0)
})
afterAll(() => served.stop(100))
beforeEach(() => {
  batches.length = 0
})

const resource = resourceFromAttributes({ 'service.name': 'content-worker', 'host.name': 'worker-1' })

const cases = [
  ['JSON', JsonTraceExporter, JsonLogExporter, 'none'],
  ['JSON, gzip', JsonTraceExporter, JsonLogExporter, 'gzip'],
  ['protobuf', ProtobufTraceExporter, ProtobufLogExporter, 'none'],
  ['protobuf, gzip', ProtobufTraceExporter, ProtobufLogExporter, 'gzip'],
] as const

test.each(cases)('the SDK’s own exporters are understood: %s', async (_, TraceExporter, LogExporter, compression) => {
  const traceOptions = { url: `${served.url}/v1/traces`, compression } as ConstructorParameters<typeof TraceExporter>[0]
  const logOptions = { url: `${served.url}/v1/logs`, compression } as ConstructorParameters<typeof LogExporter>[0]
  const tracers = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new TraceExporter(traceOptions) })],
  })
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new LogExporter(logOptions) })],
  })

  const beforeUs = Date.now() * 1000
  const span = tracers.getTracer('pipeline').startSpan('stage validation', {
    attributes: { 'vividly.stage.name': 'validation', count: 3, ratio: 0.5, tags: ['a', 'b'], ok: true },
  })
  span.recordException(new RangeError('too far'))
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'too far' })
  span.end()
  loggers.getLogger('pipeline').emit({
    eventName: 'vividly.stage.completed',
    severityNumber: 9,
    body: 'done',
    attributes: { 'log.record.uid': 'u-1', 'vividly.stage.output': { chunks: [1, 2], nested: { deep: 'yes' } } },
  })
  await Promise.all([tracers.shutdown(), loggers.shutdown()])

  const { traceId, spanId } = span.spanContext()
  expect(batches.flatMap(({ refusals }) => refusals)).toEqual([])
  const [signal] = batches.flatMap(({ spans }) => spans)
  expect(signal).toMatchObject({
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: null,
    name: 'stage validation',
    kind: 1,
    status_code: 2,
    status_message: 'too far',
    attributes: { 'vividly.stage.name': 'validation', count: 3, ratio: 0.5, tags: ['a', 'b'], ok: true },
    exception: { 'exception.type': 'RangeError', 'exception.message': 'too far' },
    scope: 'pipeline',
    service: 'content-worker',
    host: 'worker-1',
  })
  expect(signal?.started_us).toBeGreaterThanOrEqual(beforeUs)
  const logs = batches.flatMap((batch) => batch.logs)
  expect(logs.find(({ event_name }) => event_name === 'exception')).toMatchObject({ span_id: spanId, severity: 'error' })
  expect(logs.find(({ event_name }) => event_name === 'vividly.stage.completed')).toMatchObject({
    message: 'done',
    severity: 'info',
    uid: 'u-1',
    trace_id: null,
    attributes: { 'vividly.stage.output': { chunks: [1, 2], nested: { deep: 'yes' } } },
  })
})

test.each([
  ['JSON', JsonMetricExporter, 'none'],
  ['JSON, gzip', JsonMetricExporter, 'gzip'],
  ['protobuf', ProtobufMetricExporter, 'none'],
  ['protobuf, gzip', ProtobufMetricExporter, 'gzip'],
] as const)('metrics of the SDK’s own exporters are taken, so that none complains, and dropped with a count: %s', async (_, MetricExporter, compression) => {
  const before = await droppedMetrics()
  const options = { url: `${served.url}/v1/metrics`, compression } as ConstructorParameters<typeof MetricExporter>[0]
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: new MetricExporter(options), exportIntervalMillis: 60_000 })],
  })
  meters.getMeter('pipeline').createCounter('videos').add(3, { kind: 'short' })
  meters.getMeter('pipeline').createHistogram('seconds').record(1.5)
  await meters.forceFlush()
  await meters.shutdown()
  expect(batches).toEqual([])
  expect(await droppedMetrics()).toBeGreaterThan(before)
})

async function droppedMetrics(): Promise<number> {
  const text = await (await fetch(`${served.url}/metrics`)).text()
  return Number(/^vividly_ingest_metrics_requests_dropped_total (\d+)$/m.exec(text)?.[1] ?? NaN)
}
