/** What the list shows, as it stands in the address: `?status=failed&ended=today&q=cells&request=vvd_…`. */
import type { RequestRow } from '@vividly/tracker-api/contract'

import { endedAtMs } from '../client/liveData.ts'
import type { RequestQuery } from '../client/monitoringApi.ts'
import { ACTIVE_STATUSES, isEnded, STARTED_STATUSES } from '../client/requestPhase.ts'
import { startOfToday } from './formatTime.ts'
import { requestState } from './states.ts'

export const STATUS_FILTERS = ['all', 'active', 'waiting', 'running', 'retrying', 'failed', 'done', 'cancelled'] as const
export type StatusFilter = (typeof STATUS_FILTERS)[number]
/** `endedToday` narrows `failed` and `done` to what the cards count. */
export type Filter = { status: StatusFilter; endedToday: boolean; text: string }
export type Place = { filter: Filter; requestId: string | undefined }

export const NO_FILTER: Filter = { status: 'all', endedToday: false, text: '' }
/** A request that ended today may have been created before; the tracker filters by creation only. */
const LONGEST_REQUEST_MS = 24 * 3_600_000

const API_STATUSES: Record<StatusFilter, RequestQuery['status'] | undefined> = {
  all: undefined,
  active: ACTIVE_STATUSES,
  waiting: ['pending'],
  running: STARTED_STATUSES,
  retrying: STARTED_STATUSES,
  failed: ['failed'],
  done: ['completed'],
  cancelled: ['cancelled'],
}

export function readPlace(search: string): Place {
  const params = new URLSearchParams(search)
  const status = STATUS_FILTERS.find((name) => name === params.get('status')) ?? 'all'
  return {
    filter: { status, endedToday: params.get('ended') === 'today', text: params.get('q') ?? '' },
    requestId: params.get('request') || undefined,
  }
}

/** The address's query for a place; '' for the plain page. */
export function writePlace({ filter, requestId }: Place): string {
  const params = new URLSearchParams()
  if (filter.status !== 'all') params.set('status', filter.status)
  if (filter.endedToday) params.set('ended', 'today')
  if (filter.text) params.set('q', filter.text)
  if (requestId) params.set('request', requestId)
  return params.size > 0 ? `?${params.toString()}` : ''
}

export function toRequestQuery(filter: Filter, nowMs: number): RequestQuery {
  const status = API_STATUSES[filter.status]
  return {
    ...(status && { status }),
    ...(filter.text.trim() && { q: filter.text.trim() }),
    ...(filter.endedToday && { from: new Date(startOfToday(nowMs) - LONGEST_REQUEST_MS).toISOString() }),
  }
}

/**
 * @param found what the tracker itself found for this filter: it may search in more than a row shows
 */
export function matchesFilter(row: RequestRow, filter: Filter, found: ReadonlySet<string>, nowMs: number): boolean {
  if (!matchesStatus(row, filter.status)) return false
  if (filter.endedToday && endedAtMs(row) < startOfToday(nowMs)) return false
  return matchesText(row, filter.text) || found.has(row.id)
}

function matchesStatus(row: RequestRow, status: StatusFilter): boolean {
  if (status === 'all') return true
  if (status === 'active') return !isEnded(row.status)
  return requestState(row) === status
}

function matchesText(row: RequestRow, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const fields = [row.topic, row.student_name, row.student_id, row.correlation_id, row.id, row.trace_id]
  return fields.some((field) => field?.toLowerCase().includes(wanted))
}

const ID_SPELLINGS = [
  /vvd_\d{13}_[0-9a-f]{8}/,
  /(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])/,
  /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/,
]

/** The request ID inside whatever was pasted: a ticket's line, a link, a traceparent; in any spelling. */
export function findRequestId(text: string): string | undefined {
  const lower = text.toLowerCase()
  for (const spelling of ID_SPELLINGS) {
    const match = spelling.exec(lower)
    if (match) return match[0]
  }
  return undefined
}
