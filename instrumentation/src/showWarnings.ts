import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import type { DiagLogger } from '@opentelemetry/api'
import { environment } from './readEnvironment.ts'

/**
 * Sets the SDK up with its warnings on the console, unless the host listens to `diag` itself or asked the SDK
 * to by `OTEL_LOG_LEVEL`. The SDK reads most variables once a signal: the same complaint is shown once.
 */
export function showWarnings<T>(setUp: () => T): T {
  if (environment('OTEL_LOG_LEVEL') !== undefined || isListenedTo()) return setUp()
  const console = new DiagConsoleLogger()
  let told: Set<string> | undefined = new Set()
  const once =
    (level: 'error' | 'warn'): DiagLogger['warn'] =>
    (message, ...details) => {
      if (told?.has(message) === true) return
      told?.add(message)
      console[level](message, ...details)
    }
  const silent = (): void => {}
  const logger = { error: once('error'), warn: once('warn'), info: silent, debug: silent, verbose: silent }
  diag.setLogger(logger, DiagLogLevel.WARN)
  try {
    return setUp()
  } finally {
    told = undefined
  }
}

/** `diag` has no question for it; this is where every copy of the API of major version 1 looks. */
function isListenedTo(): boolean {
  const registered = (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')]
  return typeof registered === 'object' && registered !== null && 'diag' in registered
}
