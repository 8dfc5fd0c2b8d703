import type { LogSignal, Refusal, SignalBatch, SpanSignal } from '../signal.ts'
import { RefusedRecord } from './RefusedRecord.ts'
import { toEventSignal, toLogSignal } from './toLogSignal.ts'
import { toRefusal } from './toRefusal.ts'
import { toSource, toVersions } from './toSource.ts'
import type { Source } from './toSource.ts'
import { toSpanSignal } from './toSpanSignal.ts'
import type { Malformed, WireGroup, WireLogRecord, WireSpan } from './wire.ts'

/** A refused span takes its events with it, a refused event only itself. */
export function toSpanBatch(groups: readonly WireGroup<WireSpan>[]): SignalBatch {
  const batch: SignalBatch = { spans: [], logs: [], refusals: [], ...toVersions(groups) }
  for (const { path, resource, scope, records } of groups) {
    const source = toSource(resource)
    for (const [index, record] of records.entries()) {
      const recordPath = `${path}[${index}]`
      try {
        const wireSpan = wellFormed(record)
        const span = toSpanSignal(wireSpan, source, scope)
        const events = toEventSignals(wireSpan, span, source, recordPath, batch.refusals)
        batch.spans.push({ ...span, exception: lastExceptionOf(events) })
        for (const event of events) batch.logs.push(event)
      } catch (error) {
        batch.refusals.push(toRefusal(error, 'span', recordPath, record, source))
      }
    }
  }
  return batch
}

export function toLogBatch(groups: readonly WireGroup<WireLogRecord>[]): SignalBatch {
  const batch: SignalBatch = { spans: [], logs: [], refusals: [], ...toVersions(groups) }
  for (const { path, resource, records } of groups) {
    const source = toSource(resource)
    for (const [index, record] of records.entries()) {
      try {
        batch.logs.push(toLogSignal(wellFormed(record), source))
      } catch (error) {
        batch.refusals.push(toRefusal(error, 'log_record', `${path}[${index}]`, record, source))
      }
    }
  }
  return batch
}

function toEventSignals(
  { events }: WireSpan,
  { trace_id, span_id }: SpanSignal,
  source: Source,
  path: string,
  refusals: Refusal[],
): LogSignal[] {
  return events.flatMap((event, index) => {
    try {
      return [toEventSignal(event, source, trace_id, span_id)]
    } catch (error) {
      refusals.push(toRefusal(error, 'log_record', `${path}.events[${index}]`, event, source))
      return []
    }
  })
}

function lastExceptionOf(events: readonly LogSignal[]): SpanSignal['exception'] {
  return events.findLast(({ event_name }) => event_name === 'exception')?.attributes ?? null
}

function wellFormed<WireRecord>(record: WireRecord | Malformed): WireRecord {
  if (isMalformed(record)) throw new RefusedRecord('malformed', record.malformed)
  return record
}

function isMalformed(record: unknown): record is Malformed {
  return typeof record === 'object' && record !== null && 'malformed' in record
}
