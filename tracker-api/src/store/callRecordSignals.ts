import { parseIdentity } from '@vividly/instrumentation/identity'
import type { LogSignal, Refusal, SignalBatch, SpanSignal } from '../signal.ts'
import { foldBatch } from './folding/foldBatch.ts'
import type { FoldedBatch } from './folding/foldBatch.ts'
import { unknownStateIn } from './folding/unknownStateIn.ts'
import type { Pool } from './Pool.ts'

/** What a signal carries beside its content: the organization whose it may only be, and a number of who sent it. */
type Carried = { owner?: string | null; sender?: number | null }
type Carrying = (SpanSignal | LogSignal) & Carried

/** `sender` is what the signal carried under that name, null where it carried none. */
export type RefusedHere = Refusal & { sender: number | null }

type Reason = { reason: string; detail: string }
/** A request of which nothing may be recorded; with an owner, only nothing that came by a token of another. */
type Unwelcome = Reason & { request_id: string; owner: string | null }

/**
 * One call of the SQL function `record_folded_signals`: all of it is committed when this resolves, or nothing is. Where
 * something in it is unwelcome the database stores nothing and says so, and is called again without it.
 */
export async function callRecordSignals(ingest: Pick<Pool, 'run'>, batch: SignalBatch): Promise<RefusedHere[]> {
  let { spans, logs } = batch
  const refused: RefusedHere[] = []
  for (;;) {
    // Judged after their requests: of one that was erased no more is kept than that.
    const oddSpans = refusalsOf(spans, 'span', judgeState)
    const oddLogs = refusalsOf(logs, 'log_record', judgeState)
    const folded = foldBatch(without(spans, oddSpans), without(logs, oddLogs), [...oddSpans.keys(), ...oddLogs.keys()])
    const odd = [...oddSpans.values(), ...oddLogs.values()]
    const unwelcome = await record(ingest, folded, [...batch.refusals, ...refused, ...odd])
    if (unwelcome.length === 0) return [...refused, ...odd]
    const judge = judgeRequests(new Map(unwelcome.map((request) => [request.request_id, request])))
    const refusedSpans = refusalsOf(spans, 'span', judge)
    const refusedLogs = refusalsOf(logs, 'log_record', judge)
    if (refusedSpans.size + refusedLogs.size === 0) throw new Error('The database refused requests of which the batch holds nothing')
    refused.push(...refusedSpans.values(), ...refusedLogs.values())
    spans = without(spans, refusedSpans)
    logs = without(logs, refusedLogs)
  }
}

/** Why a signal may not be recorded, undefined where it may. */
type Judge = (signal: Carrying) => Reason | undefined

function judgeState({ attributes }: Carrying): Reason | undefined {
  const detail = unknownStateIn(attributes)
  return detail === undefined ? undefined : { reason: 'unknown_state', detail }
}

function judgeRequests(unwelcome: ReadonlyMap<string, Unwelcome>): Judge {
  return ({ trace_id, owner = null }) => {
    const request = trace_id === null ? undefined : unwelcome.get(parseIdentity(trace_id)?.requestId ?? '')
    if (request === undefined) return undefined
    return request.owner === null || (owner !== null && owner !== request.owner) ? request : undefined
  }
}

function refusalsOf<Signal extends Carrying>(signals: readonly Signal[], kind: Refusal['signal'], judge: Judge): Map<Signal, RefusedHere> {
  const refusals = new Map<Signal, RefusedHere>()
  for (const signal of signals) {
    const why = judge(signal)
    if (why === undefined) continue
    const { sender = null, ...payload }: Carrying = signal
    refusals.set(signal, { signal: kind, reason: why.reason, detail: why.detail, payload, sender })
  }
  return refusals
}

function without<Signal>(signals: Signal[], refused: ReadonlyMap<Signal, RefusedHere>): Signal[] {
  return refused.size === 0 ? signals : signals.filter((signal) => !refused.has(signal))
}

async function record(ingest: Pick<Pool, 'run'>, folded: FoldedBatch, refusals: Refusal[]): Promise<Unwelcome[]> {
  const { requests, others, owners, claims, stages, events, spans, students, breakers } = folded
  const rows = await ingest.run(
    'recording signals',
    (sql) => sql<Unwelcome[]>`
      select request_id, reason, detail, owner
      from record_folded_signals(
        ${JSON.stringify(requests)}::text::jsonb, ${others}::uuid[], ${JSON.stringify(owners)}::text::jsonb,
        ${JSON.stringify(claims)}::text::jsonb, ${JSON.stringify(stages)}::text::jsonb, ${JSON.stringify(events)}::text::jsonb,
        ${JSON.stringify(spans)}::text::jsonb, ${JSON.stringify(students)}::text::jsonb,
        ${JSON.stringify(breakers)}::text::jsonb, ${JSON.stringify(refusals)}::text::jsonb
      )`,
  )
  return [...rows]
}
