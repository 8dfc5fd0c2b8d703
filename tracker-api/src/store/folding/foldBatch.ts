import type { Json, LogSignal, SpanSignal } from '../../signal.ts'
import { contentDigest } from './contentDigest.ts'
import { Contest } from './Contest.ts'
import { eventsOf, outranks, toEventRow } from './eventsOf.ts'
import { foldClaims, toClaimsRow } from './foldClaims.ts'
import { foldStages } from './foldStages.ts'
import { foldStudents } from './foldStudents.ts'
import { readBatch } from './readBatch.ts'
import type { Owned, SaidOfRequest } from './readBatch.ts'
import { toSpanRow } from './toSpanRow.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** Rows of which no two have one key, and others of the same rank as one of those. */
type Contested = [rows: Json[][], contested: Json[][]]

/** The arguments of the SQL function `record_folded_signals`, which describes them. */
export type FoldedBatch = {
  requests: Json[][]
  others: string[]
  owners: Json[][]
  claims: Json[][]
  stages: Json[][]
  events: Contested
  spans: Contested
  students: Json[][]
  breakers: Json[][]
}

/**
 * What a batch says, each thing once: a row a request, stage, event and span, whatever the number and order of the signals. The
 * database joins these with what it has, by the same rules (ADR 055).
 * @param unread signals of which only the request matters: it is judged with the others.
 */
export function foldBatch(
  spans: readonly Owned<SpanSignal>[],
  logs: readonly Owned<LogSignal>[],
  unread: readonly Owned<SpanSignal | LogSignal>[] = [],
): FoldedBatch {
  const { requests, breakers } = readBatch(spans, logs, unread)
  const tracked = requests.filter(({ signals }) => signals.length > 0)
  const folded: FoldedBatch = {
    requests: tracked.map(toRequestRow),
    others: requests.filter(({ signals }) => signals.length === 0).map(({ requestId }) => requestId),
    owners: requests.filter(({ owners }) => owners.size > 0).map(({ requestId, owners }) => [requestId, [...owners]]),
    claims: [],
    stages: [],
    events: [[], []],
    spans: [[], []],
    students: foldStudents(requests.flatMap(({ signals }) => signals)),
    breakers: breakers.map(toBreakerRow),
  }
  for (const [i, request] of tracked.entries()) addRequest(folded, i + 1, request)
  return folded
}

function addRequest(folded: FoldedBatch, place: number, { signals, spans }: SaidOfRequest): void {
  const claims = foldClaims(signals)
  if (claims.size > 0) folded.claims.push(toClaimsRow(place, claims))
  for (const stage of foldStages(signals)) folded.stages.push(stage.toRow(place))
  const events = new Contest(outranks)
  for (const signal of signals) for (const event of eventsOf(signal)) events.add(event.id, event)
  append(folded.events, events, (event) => toEventRow(place, event))
  const ended = new Contest<SpanSignal>((one, other) => one.ended_us < other.ended_us)
  for (const span of spans) ended.add(span.span_id, span)
  append(folded.spans, ended, (span) => toSpanRow(place, span))
}

function append<Row>([rows, contested]: Contested, contest: Contest<Row>, write: (row: Row) => Json[]): void {
  for (const row of contest.rows()) rows.push(write(row))
  for (const row of contest.contested()) contested.push(write(row))
}

function toRequestRow({ requestId, foreignTraceId, signals }: SaidOfRequest): Json[] {
  return [requestId, foreignTraceId, signals.reduce((least, { startedUs }) => Math.min(least, startedUs), Infinity)]
}

function toBreakerRow(signal: TrackedSignal): Json[] {
  const { kind, saidUs, attributes, service, host, instance } = signal
  return [kind, saidUs, attributes, service, host, instance, contentDigest(signal)]
}
