import type { LogSignal, Refusal, SignalBatch, SpanSignal } from '../signal.ts'
import type { Database } from './database.ts'

/** `sender` is what the signal carried under that name, null where it carried none. */
export type RefusedHere = Pick<Refusal, 'signal' | 'reason' | 'detail'> & { sender: number | null }

/** What a signal carries for the database beside its content: whose only it may be, and a number of who sent it. */
type Carried = 'owner' | 'sender'

/** In the order of the fields of the SQL types of those names. */
const spanFields: readonly (keyof SpanSignal | Carried)[] = [
  'trace_id', 'span_id', 'parent_span_id', 'name', 'kind', 'started_us', 'ended_us', 'status_code', 'status_message',
  'attributes', 'exception', 'scope', 'service', 'host', 'instance', 'owner', 'sender',
]
const logFields: readonly (keyof LogSignal | Carried)[] = [
  'trace_id', 'span_id', 'event_name', 'message', 'severity', 'time_us', 'uid', 'attributes', 'service', 'host', 'instance',
  'owner', 'sender',
]

/** One call of the SQL function `record_signals_in_rows`: all of it is committed when this resolves, or nothing is. */
export async function callRecordSignals(database: Database, { spans, logs, refusals }: SignalBatch): Promise<RefusedHere[]> {
  const rows = await database.ingest.run(
    'recording signals',
    (sql) => sql<RefusedHere[]>`
      select signal, reason, detail, sender
      from record_signals_in_rows(
        ${inRows(spans, spanFields)}::text::jsonb,
        ${inRows(logs, logFields)}::text::jsonb,
        ${JSON.stringify(refusals)}::text::json
      )`,
  )
  return [...rows]
}

/** A JSON array of signals, each an array of its fields' values; absent is null. */
function inRows(signals: readonly object[], fields: readonly string[]): string {
  return JSON.stringify(signals.map((signal) => fields.map((field) => (signal as Record<string, unknown>)[field])))
}
