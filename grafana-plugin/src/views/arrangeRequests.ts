import type { RequestRow } from '@vividly/tracker-api/contract'

import { createdAtMs } from '../client/createdAtMs.ts'
import { endedAtMs } from '../client/liveData.ts'
import { isEnded } from '../client/requestPhase.ts'
import { msg } from '../text/t.ts'

export type RequestGroup = { key: 'failed' | 'active' | 'ended'; title: string; rows: RequestRow[] }

/** A failure older than this stands among the other ended requests. */
export const FRESH_FAILURE_MS = 3_600_000

/** Fresh failures first, then what is in flight, then what ended; each newest first, if not told otherwise. */
export function arrangeRequests(rows: readonly RequestRow[], nowMs: number, oldestFirst = false): RequestGroup[] {
  const failed: RequestRow[] = []
  const active: RequestRow[] = []
  const ended: RequestRow[] = []
  for (const row of rows) {
    if (!isEnded(row.status)) active.push(row)
    else if (row.status === 'failed' && nowMs - endedAtMs(row) < FRESH_FAILURE_MS) failed.push(row)
    else ended.push(row)
  }
  const inFlight = newestFirst(active, createdAtMs)
  if (oldestFirst) inFlight.reverse()
  const groups: RequestGroup[] = [
    { key: 'failed', title: msg('Failed in the last hour'), rows: newestFirst(failed, endedAtMs) },
    { key: 'active', title: msg('In flight'), rows: inFlight },
    { key: 'ended', title: msg('Ended'), rows: newestFirst(ended, endedAtMs) },
  ]
  return groups.filter((group) => group.rows.length > 0)
}

/**
 * The groups as they stood, with each row's newest state in its old place, so that nothing moves under a pointer.
 * `fresh` counts the requests that wait to be let in.
 */
export function holdArrangement(
  held: readonly RequestGroup[],
  rows: ReadonlyMap<string, RequestRow>,
): { groups: RequestGroup[]; fresh: number } {
  let shown = 0
  const groups = held.map((group) => {
    const kept = group.rows.flatMap((row) => rows.get(row.id) ?? [])
    shown += kept.length
    return { ...group, rows: kept }
  })
  return { groups: groups.filter((group) => group.rows.length > 0), fresh: rows.size - shown }
}

/** Reads each time once: parsing inside the comparison took most of the sort at 10,000 rows. */
function newestFirst(rows: readonly RequestRow[], atMs: (row: RequestRow) => number): RequestRow[] {
  return rows
    .map((row) => ({ row, at: atMs(row) }))
    .sort((a, b) => b.at - a.at || (a.row.id < b.row.id ? 1 : -1))
    .map(({ row }) => row)
}
