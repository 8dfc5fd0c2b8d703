import type { Refusal, SignalBatch } from '../signal.ts'
import type { Database } from './database.ts'

/** `sender` is what the signal carried under that name, null where it carried none. */
export type RefusedHere = Pick<Refusal, 'signal' | 'reason' | 'detail'> & { sender: number | null }

/** One call of the SQL function of that name: all of it is committed when this resolves, or nothing is. */
export async function callRecordSignals(database: Database, { spans, logs, refusals }: SignalBatch): Promise<RefusedHere[]> {
  const rows = await database.ingest.run(
    'recording signals',
    (sql) => sql<RefusedHere[]>`
      select signal, reason, detail, sender
      from record_signals(
        ${JSON.stringify(spans)}::text::json,
        ${JSON.stringify(logs)}::text::json,
        ${JSON.stringify(refusals)}::text::json
      )`,
  )
  return [...rows]
}
