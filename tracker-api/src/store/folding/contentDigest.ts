import { digestOf } from './digestOf.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** Of all that a record says: what identifies one that has no name of its own. */
export function contentDigest({ kind, saidUs, message, severity, attributes, spanId, service, host, instance }: TrackedSignal): string {
  return digestOf([kind, saidUs, message, severity, attributes, spanId, service, host, instance])
}
