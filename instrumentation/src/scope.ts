import { logs, trace } from '@opentelemetry/api'
import type { Logger, LoggerProvider, Meter, MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api'

const NAME = '@vividly/instrumentation'
const VERSION = '0.1.0'

// Asked for at each use, for the host may set its providers after it made its tracker; made once a provider, for the
// SDK puts a key of its scope together each time it is asked.
let tracers: { provider: TracerProvider; tracer: Tracer } | undefined
let loggers: { provider: LoggerProvider; logger: Logger } | undefined

export function tracer(): Tracer {
  const provider = trace.getTracerProvider()
  if (tracers?.provider !== provider) tracers = { provider, tracer: provider.getTracer(NAME, VERSION) }
  return tracers.tracer
}

export function logger(): Logger {
  const provider = logs.getLoggerProvider()
  if (loggers?.provider !== provider) loggers = { provider, logger: provider.getLogger(NAME, VERSION) }
  return loggers.logger
}

export const meterOf = (provider: MeterProvider): Meter => provider.getMeter(NAME, VERSION)
