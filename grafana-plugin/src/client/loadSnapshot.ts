import type { RequestRow } from '@vividly/tracker-api/contract'

import type { Snapshot } from './liveData.ts'
import type { MonitoringApi, RequestQuery } from './monitoringApi.ts'
import { ACTIVE_STATUSES, ENDED_STATUSES } from './requestPhase.ts'

const PAGE_SIZE = 200
/** Pages of active requests read at most; the stream brings the others as they change. */
const ACTIVE_PAGES = 10

/**
 * The state to begin with, and the cursor from which the stream completes it: the one of the answer read first,
 * so that no change between the answers is missed.
 */
export async function loadSnapshot(
  api: MonitoringApi,
  timezone: string,
  signal: AbortSignal,
): Promise<{ snapshot: Snapshot; cursor: string }> {
  const first = await api.listRequests({ status: ACTIVE_STATUSES, limit: PAGE_SIZE }, signal)
  const [active, ended, stats, breakers] = await Promise.all([
    first.next_cursor
      ? listPages(api, { status: ACTIVE_STATUSES, cursor: first.next_cursor }, ACTIVE_PAGES - 1, signal)
      : { rows: [], more: false },
    api.listRequests({ status: ENDED_STATUSES, limit: PAGE_SIZE }, signal),
    api.getDashboard(timezone, signal),
    api.getBreakers(signal),
  ])
  return {
    snapshot: {
      rows: [...first.items, ...active.rows, ...ended.items],
      breakers: breakers.items,
      stats,
      hasAllActive: !active.more,
    },
    cursor: first.stream_cursor,
  }
}

/** Follows the list's cursor, newest first, `maxPages` pages at most; `more` when there are older ones. */
export async function listPages(
  api: MonitoringApi,
  query: RequestQuery,
  maxPages: number,
  signal: AbortSignal,
): Promise<{ rows: RequestRow[]; more: boolean }> {
  const rows: RequestRow[] = []
  let next: RequestQuery | undefined = { ...query, limit: PAGE_SIZE }
  for (let page = 0; page < maxPages && next; page += 1) {
    const answer = await api.listRequests(next, signal)
    rows.push(...answer.items)
    next = answer.next_cursor ? { ...next, cursor: answer.next_cursor } : undefined
  }
  return { rows, more: next !== undefined }
}
