import { diag } from '@opentelemetry/api'

/** Tells the host, through OpenTelemetry's `diag`, of the first fault of a kind and of no later one. */
export type Warn = (kind: string, message: string, cause?: unknown) => void

/** Never throws, whatever the host's logger does. Kinds are few and fixed, so nothing grows. */
export function makeWarnOnce(): Warn {
  const warned = new Set<string>()
  return (kind, message, cause) => {
    if (warned.has(kind)) return
    warned.add(kind)
    warn(message, cause)
  }
}

export function warn(message: string, cause?: unknown): void {
  try {
    diag.warn(`vividly: ${message}${cause === undefined ? '' : ` (${messageOf(cause)})`}`)
  } catch {
    // A logger that throws is the host's; its request must not fail for it.
  }
}

/** The message of whatever was thrown; itself never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message || thrown.name : thrown)
  } catch {
    return 'something without a readable message'
  }
}
