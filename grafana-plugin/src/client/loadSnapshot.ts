import type { RequestList, RequestRow } from '@vividly/tracker-api/contract'

import type { Snapshot } from './liveData.ts'
import type { MonitoringApi, RequestQuery } from './monitoringApi.ts'
import { ACTIVE_STATUSES, ENDED_STATUSES } from './requestPhase.ts'

const PAGE_SIZE = 200

/**
 * The state to begin with, and the cursor from which the stream completes it: the one of the answer read first,
 * so that no change between the answers is missed. `next`: where the older active requests begin, for {@link readRest}.
 */
export async function loadSnapshot(
  api: MonitoringApi,
  timezone: string,
  signal: AbortSignal,
): Promise<{ snapshot: Snapshot; cursor: string; next: string | null }> {
  const first = await api.listRequests({ status: ACTIVE_STATUSES, limit: PAGE_SIZE }, signal)
  const [ended, stats, breakers] = await Promise.all([
    api.listRequests({ status: ENDED_STATUSES, limit: PAGE_SIZE }, signal),
    api.getDashboard(timezone, signal),
    api.getBreakers(signal),
  ])
  return {
    snapshot: {
      rows: [...first.items, ...ended.items],
      breakers: breakers.items,
      breakersHidden: breakers.hidden ?? false,
      stats,
      hasAllActive: first.next_cursor === null,
    },
    cursor: first.stream_cursor,
    next: first.next_cursor,
  }
}

/** Reads the active requests that a snapshot left out, page by page, while the stream goes on. */
export async function readRest(
  api: MonitoringApi,
  next: string,
  onRows: (rows: RequestRow[]) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let cursor: string | null = next; cursor !== null; ) {
    const answer: RequestList = await api.listRequests({ status: ACTIVE_STATUSES, limit: PAGE_SIZE, cursor }, signal)
    signal.throwIfAborted()
    onRows(answer.items)
    cursor = answer.next_cursor
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
