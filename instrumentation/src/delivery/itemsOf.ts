import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { parseIdentity } from '../identity.ts'
import {
  ATTR_LOST_FROM,
  ATTR_LOST_RECORDS,
  ATTR_LOST_SPANS,
  ATTR_LOST_TO,
  ATTR_STAGE_NAME,
  EVENT_CIRCUIT_BREAKER_STATE_CHANGED,
  EVENT_REQUEST_CANCELLED,
  EVENT_REQUEST_COMPLETED,
  EVENT_REQUEST_CREATED,
  EVENT_REQUEST_FAILED,
  EVENT_REQUEST_STARTED,
  EVENT_RETRY,
  EVENT_STAGE_COMPLETED,
  EVENT_STAGE_FAILED,
  EVENT_STAGE_SKIPPED,
  EVENT_STAGE_STARTED,
  EVENT_TELEMETRY_GAP,
  VIVIDLY_NAMESPACE,
} from '../semconv.ts'
import type { Priority, Tally } from './Parcel.ts'

const PRIORITY_OF_EVENT: ReadonlyMap<string | undefined, Priority> = new Map<string, Priority>([
  [EVENT_REQUEST_CREATED, 'life_cycle'],
  [EVENT_REQUEST_STARTED, 'life_cycle'],
  [EVENT_REQUEST_COMPLETED, 'life_cycle'],
  [EVENT_REQUEST_FAILED, 'life_cycle'],
  [EVENT_REQUEST_CANCELLED, 'life_cycle'],
  [EVENT_STAGE_STARTED, 'life_cycle'],
  [EVENT_STAGE_COMPLETED, 'life_cycle'],
  [EVENT_STAGE_FAILED, 'life_cycle'],
  [EVENT_STAGE_SKIPPED, 'life_cycle'],
  [EVENT_TELEMETRY_GAP, 'life_cycle'],
  [EVENT_RETRY, 'life_cycle'],
  [EVENT_CIRCUIT_BREAKER_STATE_CHANGED, 'outcome'],
])

export const priorityOfRecord = (record: ReadableLogRecord): Priority =>
  PRIORITY_OF_EVENT.get(record.eventName) ?? 'diagnostic'

export function priorityOfSpan(span: ReadableSpan): Priority {
  const { traceId, spanId } = span.spanContext()
  const isStage = span.attributes[ATTR_STAGE_NAME] !== undefined
  return isStage || (traceId.endsWith(spanId) && isOurs(traceId)) ? 'outcome' : 'diagnostic'
}

/** What is lost with a record. A gap that gets lost in its turn is what it told of, so that sums stay exact. */
export function tallyOfRecord(record: ReadableLogRecord): Tally {
  const { attributes, eventName, spanContext } = record
  const traceId = trackedTrace(spanContext?.traceId, attributes)
  const atMs = hrTimeToMilliseconds(record.hrTime)
  if (eventName !== EVENT_TELEMETRY_GAP) return { traceId, records: 1, spans: 0, fromMs: atMs, toMs: atMs }
  return {
    traceId,
    records: Number(attributes[ATTR_LOST_RECORDS]),
    spans: Number(attributes[ATTR_LOST_SPANS]),
    fromMs: Date.parse(String(attributes[ATTR_LOST_FROM])),
    toMs: Date.parse(String(attributes[ATTR_LOST_TO])),
  }
}

export function tallyOfSpan(span: ReadableSpan): Tally {
  return {
    traceId: trackedTrace(span.spanContext().traceId, span.attributes),
    records: 0,
    spans: 1,
    fromMs: hrTimeToMilliseconds(span.startTime),
    toMs: hrTimeToMilliseconds(span.endTime),
  }
}

/** Empty where the tracker keeps nothing of that trace: a gap told there would make a request of it. */
function trackedTrace(traceId: string | undefined, attributes: object): string {
  if (traceId === undefined) return ''
  for (const key in attributes) if (key.startsWith(VIVIDLY_NAMESPACE)) return traceId
  return isOurs(traceId) ? traceId : ''
}

const isOurs = (traceId: string): boolean =>
  traceId.startsWith('c1d') && parseIdentity(traceId)?.ours === true
