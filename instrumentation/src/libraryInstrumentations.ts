import type { Instrumentation } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { environment } from './readEnvironment.ts'
import { warn } from './warnOnce.ts'

/**
 * OpenTelemetry's own, by the names that `OTEL_NODE_ENABLED_INSTRUMENTATIONS` uses. Calls in and out are traced
 * where they are part of a trace, so that polling and health checks make none. Statements are told without their values.
 */
const LIBRARIES: Record<string, () => Instrumentation> = {
  http: () => new HttpInstrumentation({ requireParentforIncomingSpans: true, requireParentforOutgoingSpans: true }),
  undici: () => new UndiciInstrumentation({ requireParentforSpans: true }),
  pg: () => new PgInstrumentation({ requireParentSpan: true }),
  pino: () => new PinoInstrumentation(),
}

/**
 * What is traced without a line of code: calls by `http` and `fetch`, queries by `pg`, logs by `pino`. All, unless
 * `OTEL_NODE_ENABLED_INSTRUMENTATIONS` lists some; less those in `OTEL_NODE_DISABLED_INSTRUMENTATIONS`.
 */
export function libraryInstrumentations(): Instrumentation[] {
  const enabled = listed('OTEL_NODE_ENABLED_INSTRUMENTATIONS') ?? Object.keys(LIBRARIES)
  const disabled = listed('OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? []
  return Object.entries(LIBRARIES)
    .filter(([name]) => enabled.includes(name) && !disabled.includes(name))
    .map(([, make]) => make())
}

function listed(variable: string): string[] | undefined {
  const names = environment(variable)?.split(',').map((name) => name.trim())
  for (const name of names ?? []) {
    if (LIBRARIES[name] === undefined) {
      warn(`${variable} names ${JSON.stringify(name)}, which is none of ${Object.keys(LIBRARIES).join(', ')}.`)
    }
  }
  return names
}
