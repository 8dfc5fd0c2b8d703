import process from 'node:process'
import { context, diag, logs, metrics, propagation, trace } from '@opentelemetry/api'
import { startInstrumentation } from '../startInstrumentation.ts'
import type { InstrumentationOptions } from '../startInstrumentation.ts'
import { startOtlpSink } from './startOtlpSink.ts'
import type { SinkMode } from './startOtlpSink.ts'

/**
 * The real SDK of this process, pointed at a sink of its own, and every warning it gives. `stop` undoes it,
 * the process-wide registrations of OpenTelemetry and the environment included.
 */
export async function instrumentForTest({
  mode = 'ok',
  env = {},
  ...options
}: InstrumentationOptions & { mode?: SinkMode; env?: Record<string, string> } = {}) {
  const sink = await startOtlpSink(mode)
  const before = { ...process.env }
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, ...env })
  const warnings: string[] = []
  const note = (...message: unknown[]): void => void warnings.push(message.map(String).join(' '))
  const silent = (): void => {}
  diag.setLogger({ error: note, warn: note, info: silent, debug: silent, verbose: silent })
  const instrumentation = startInstrumentation({ serviceName: 'test', ...options })
  return {
    sink,
    warnings,
    ...instrumentation,
    async stop() {
      const flushed = instrumentation.shutdown()
      if (sink.mode !== 'ok') await sink.stop()
      await flushed
      if (sink.mode === 'ok') await sink.stop()
      for (const api of [trace, logs, metrics, context, propagation, diag]) api.disable()
      process.env = before
    },
  }
}

export type TestInstrumentation = Awaited<ReturnType<typeof instrumentForTest>>
