import { randomUUID } from 'node:crypto'
import { SeverityNumber } from '@opentelemetry/api'
import type { Attributes, Context, HrTime } from '@opentelemetry/api'
import { eventTime } from './eventClock.ts'
import { later } from './Later.ts'
import { logger } from './scope.ts'
import { ATTR_LOG_RECORD_UID } from './semconv.ts'
import { warnUnlessSetUp } from './warnUnlessSetUp.ts'

export const SEVERITIES = { info: 'INFO', warning: 'WARN', error: 'ERROR', critical: 'FATAL' } as const
/** How much an event should worry who reads it. */
export type Severity = keyof typeof SEVERITIES

export type TrackedEvent = {
  name: string
  /** What a person reads in the timeline. */
  message: string
  /** Default `info`. */
  severity?: Severity
  /** Ties the record to its trace and span; a function is asked off the caller's path. */
  context: Context | (() => Context)
  /** Default now. */
  time?: HrTime
  attributes: Attributes
}

/** One event as an OTLP log record of its own identity, made off the caller's path; nobody waits for its sending. */
export function emitEvent(event: TrackedEvent): void {
  const time = event.time ?? eventTime()
  later.run(() => emitNow({ ...event, time }))
}

/** As {@link emitEvent}, at once. */
export function emitNow({ name, message, severity = 'info', context, time = eventTime(), attributes }: TrackedEvent): void {
  warnUnlessSetUp()
  const severityText = SEVERITIES[severity] ?? SEVERITIES.info
  logger().emit({
    eventName: name,
    timestamp: time,
    observedTimestamp: time,
    severityNumber: SeverityNumber[severityText],
    severityText,
    body: message,
    attributes: { ...attributes, [ATTR_LOG_RECORD_UID]: randomUUID() },
    context: typeof context === 'function' ? context() : context,
  })
}
