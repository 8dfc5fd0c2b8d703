/** What OpenTelemetry's own exporters do with our answers. */
import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { listen } from '../listen.ts'
import type { SignalBatch } from '../signal.ts'
import { createTestApp } from './testing/createTestApp.ts'

/** One ended span, as the SDK hands it to an exporter. */
async function endedSpan(): Promise<ReadableSpan> {
  const { promise, resolve } = Promise.withResolvers<ReadableSpan>()
  const catching: SpanExporter = {
    export: (spans, done) => {
      if (spans[0]) resolve(spans[0])
      done({ code: ExportResultCode.SUCCESS })
    },
    shutdown: async () => {},
  }
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: catching })] })
  provider.getTracer('test').startSpan('stage validation', { attributes: { 'vividly.stage.name': 'validation' } }).end()
  return promise
}

test.each([
  ['JSON', JsonExporter],
  ['protobuf', ProtobufExporter],
])('%s: a store that is away for a moment loses nothing, one second later the same comes again', async (_, Exporter) => {
  const batches: SignalBatch[] = []
  const triedAtMs: number[] = []
  const { app } = createTestApp({
    recordSignals: async (batch) => {
      triedAtMs.push(performance.now())
      if (triedAtMs.length === 1) throw new Error('away')
      batches.push(batch)
      return { refused: [] }
    },
  })
  const served = await listen(app, '127.0.0.1', 0)
  const exporter = new Exporter({ url: `${served.url}/v1/traces` })
  const span = await endedSpan()
  const result = await new Promise<ExportResult>((resolve) => exporter.export([span], resolve))
  await exporter.shutdown()
  await served.stop(100)
  expect(result.code).toBe(ExportResultCode.SUCCESS)
  expect(batches.flatMap(({ spans }) => spans.map(({ span_id }) => span_id))).toEqual([span.spanContext().spanId])
  const [first = 0, second = 0] = triedAtMs
  expect(second - first).toBeGreaterThan(900)
})
