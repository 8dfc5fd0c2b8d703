import postgres from 'postgres'

/** A call that a service made, written down after it returned. */
export type Note = { id: string; event: string; stage?: string; attempt?: number; atMs: number }

/** What a killed process may not have had on disk yet, with room for a busy machine. */
const UNWRITTEN_MS = 50

export type Comparison = {
  requests: number
  lifeCycle: number
  /** Life-cycle records that are not in Postgres. */
  missing: number
  /** Of these, called so shortly before a kill that they can't be expected. */
  missingAtKills: number
  others: number
  missingOthers: number
  /** What gaps tell. */
  toldRecords: number
  toldSpans: number
  /** Requests where what is missing is not what gaps tell. */
  inexact: number
}

/** @param killsMs when processes were killed. */
export async function compare(
  databaseUrl: string,
  notes: readonly Note[],
  killsMs: readonly number[],
): Promise<Comparison> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const rows = await sql<{ id: string; event: string; stage: string | null; attempt: number | null; records: number; spans: number }[]>`
      select r.correlation_id as id, e.event_type as event, e.stage_name as stage, e.attempt,
        coalesce((e.event_data ->> 'vividly.telemetry.lost_records')::int, 0) as records,
        coalesce((e.event_data ->> 'vividly.telemetry.lost_spans')::int, 0) as spans
      from content_requests r join request_events e on e.request_id = r.id
      where not e.is_derived`
    return tally(notes, rows, killsMs)
  } finally {
    await sql.end()
  }
}

type Row = { id: string; event: string; stage: string | null; attempt: number | null; records: number; spans: number }

function tally(notes: readonly Note[], rows: readonly Row[], killsMs: readonly number[]): Comparison {
  const stored = new Map<string, number>()
  for (const row of rows) stored.set(keyOf(row), (stored.get(keyOf(row)) ?? 0) + 1)
  const missing = notes.filter((note) => {
    const left = stored.get(keyOf(note)) ?? 0
    stored.set(keyOf(note), left - 1)
    return left <= 0
  })
  const isLifeCycle = ({ event }: Note): boolean => event !== 'api_call'
  const isAtKill = ({ atMs }: Note): boolean =>
    killsMs.some((killMs) => killMs >= atMs && killMs - atMs <= UNWRITTEN_MS)
  const ids = new Set(notes.map(({ id }) => id))
  const told = Map.groupBy(rows, ({ id }) => id)
  const lost = Map.groupBy(missing, ({ id }) => id)
  const toldOf = (id: string): number => (told.get(id) ?? []).reduce((sum, { records }) => sum + records, 0)
  return {
    requests: ids.size,
    lifeCycle: notes.filter(isLifeCycle).length,
    missing: missing.filter(isLifeCycle).length,
    missingAtKills: missing.filter((note) => isLifeCycle(note) && isAtKill(note)).length,
    others: notes.filter((note) => !isLifeCycle(note)).length,
    missingOthers: missing.filter((note) => !isLifeCycle(note)).length,
    toldRecords: rows.reduce((sum, { records }) => sum + records, 0),
    toldSpans: rows.reduce((sum, { spans }) => sum + spans, 0),
    inexact: [...ids].filter((id) => (lost.get(id)?.length ?? 0) !== toldOf(id)).length,
  }
}

function keyOf({ id, event, stage, attempt }: Note | Row): string {
  return event.startsWith('stage_') ? [id, event, stage, attempt ?? 1].join(' ') : `${id} ${event}`
}
