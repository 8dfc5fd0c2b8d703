import type { Refusal, SignalBatch } from '../signal.ts'
import { callRecordSignals } from './callRecordSignals.ts'
import type { Database } from './database.ts'
import { isDataFault, isMissingPartition, isTransient, sqlState } from './postgresError.ts'
import { StoreUnavailable } from './StoreUnavailable.ts'

export type Refused = Pick<Refusal, 'signal' | 'reason' | 'detail'>

/** A lost race for a lock is tried again at once, this often. */
const MAX_TRIES = 4

/**
 * Stores a batch durably: when this resolves, everything in it is committed but what `refused` names, and that
 * stands in `dead_letters`. Repeating a batch, whole or in part, changes nothing.
 *
 * Where the data of one record breaks the batch, the batch is halved until only that record is refused.
 * Throws {@link StoreUnavailable} for whatever is not the sender's fault: nothing is lost, send it again.
 */
export async function recordSignals(database: Database, batch: SignalBatch): Promise<{ refused: Refused[] }> {
  const known = batch.refusals.map(({ signal, reason, detail }) => ({ signal, reason, detail }))
  return { refused: [...known, ...(await store(database, batch))] }
}

async function store(database: Database, batch: SignalBatch): Promise<Refused[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await call(database, batch)
    } catch (error) {
      if (isMissingPartition(error) && tries < MAX_TRIES) await makePartitions(database, batch)
      else if (isDataFault(error)) return storeInParts(database, batch, sqlState(error))
      else if (!isTransient(error) || tries === MAX_TRIES) throw unavailable('recording signals', error)
    }
  }
}

async function call(database: Database, batch: SignalBatch): Promise<Refused[]> {
  const rows = await callRecordSignals(database.ingest, batch)
  return rows.map(({ signal, reason, detail }) => ({ signal, reason, detail }))
}

/** Refusals go along with the first half; they are stored once. */
async function storeInParts(database: Database, batch: SignalBatch, state: string): Promise<Refused[]> {
  const { spans, logs, refusals } = batch
  const count = spans.length + logs.length
  if (count === 0) {
    const withoutPayload = refusals.map((refusal) => ({ ...refusal, payload: null }))
    return call(database, { spans, logs, refusals: withoutPayload })
  }
  if (count === 1 && refusals.length === 0) {
    const refusal: Refusal = {
      signal: spans.length === 1 ? 'span' : 'log_record',
      reason: 'unstorable',
      detail: `Postgres cannot store this record (SQLSTATE ${state})`,
      payload: spans[0] ?? logs[0] ?? null,
    }
    return (await recordSignals(database, { spans: [], logs: [], refusals: [refusal] })).refused
  }
  const middle = Math.ceil(count / 2)
  const first = await store(database, {
    spans: count === 1 ? [] : spans.slice(0, middle),
    logs: count === 1 ? [] : logs.slice(0, Math.max(0, middle - spans.length)),
    refusals,
  })
  const second = await store(database, {
    spans: count === 1 ? spans : spans.slice(middle),
    logs: count === 1 ? logs : logs.slice(Math.max(0, middle - spans.length)),
    refusals: [],
  })
  return [...first, ...second]
}

async function makePartitions(database: Database, { spans, logs }: SignalBatch): Promise<void> {
  const traceIds = [...new Set([...spans, ...logs].flatMap(({ trace_id }) => trace_id ?? []))]
  try {
    await database.ingest.run(
      'making partitions',
      (sql) => sql`
        select ensure_partitions_of(array_agg(request_id_of(trace_id)))
        from unnest(${traceIds}::text[]) as trace_id
        where own_correlation_id_of(trace_id) is not null
          and identity_time_of(request_id_of(trace_id)) between accepted_since(now()) and accepted_until(now())`,
    )
  } catch (error) {
    throw unavailable('making a missing partition', error)
  }
}

function unavailable(doing: string, cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause
  return new StoreUnavailable(`The database failed while ${doing}`, { cause })
}
