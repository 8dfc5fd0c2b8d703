import type { Attributes, Json, Severity } from '../../signal.ts'
import { eventIdOf } from './eventIdOf.ts'
import { eventData, spanAttributes } from './keptAttributes.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** A row of `request_events` before it is one. */
export type ToldEvent = {
  id: string
  type: string
  message: string | null
  severity: Severity
  us: number
  data: Attributes
  /** Whether it stands for a span; a record of the same takes its place. */
  isDerived: boolean
  by: TrackedSignal
}

/** Counted for operators, not told of a request. */
const UNTOLD = 'circuit_breaker_status'

/**
 * A record is an event. A span that is a stage or the root is two, its start and its end, so that a client that sends
 * spans alone has a timeline too.
 */
export function eventsOf(signal: TrackedSignal): ToldEvent[] {
  if (signal.isSpan) return derivedEventsOf(signal)
  const { kind: type, message, severity, saidUs: us, attributes } = signal
  if (type === UNTOLD) return []
  return [{ id: eventIdOf(type, signal), type, message, severity, us, data: eventData(attributes), isDerived: false, by: signal }]
}

function derivedEventsOf(by: TrackedSignal): ToldEvent[] {
  const { stageName, outcome, error } = by
  if (outcome === null) return []
  const ofStage = stageName !== null
  const subject = ofStage ? `Stage ${stageName}` : 'Request'
  const started = ofStage ? 'stage_started' : 'request_created'
  const ended = ofStage ? `stage_${outcome}` : `request_${outcome}`
  return [
    {
      id: eventIdOf(started, by),
      type: started,
      message: `${subject} ${ofStage ? 'started' : 'created'}`,
      severity: 'info',
      us: by.startedUs,
      data: {},
      isDerived: true,
      by,
    },
    {
      id: eventIdOf(ended, by),
      type: ended,
      message: error?.message ?? `${subject} ${outcome}`,
      severity: by.severity,
      us: by.saidUs,
      data: spanAttributes(error?.details ?? {}),
      isDerived: true,
      by,
    },
  ]
}

/** The row, of the request at that place, that the SQL function `join_events` takes. */
export function toEventRow(place: number, { id, type, message, severity, us, data, isDerived, by }: ToldEvent): Json[] {
  const { stageName, attempt, spanId, service, host } = by
  return [place, id, type, message, stageName, stageName === null ? null : attempt, severity, us, data, spanId, service, host, isDerived]
}

/** Whether of two versions of one event the first is surely kept; of those of one time the database decides. */
export function outranks(one: ToldEvent, other: ToldEvent): boolean {
  if (one.isDerived !== other.isDerived) return other.isDerived
  // Of signs of life the latest.
  return one.type === 'stage_heartbeat' ? one.us > other.us : one.us < other.us
}
