/** What the list shows, as it stands in the address: `?status=failed&stage=rag_retrieval&from=now-30m&request=vvd_…`. */
import type { RequestRow } from '@vividly/tracker-api/contract'

import { createdAtMs } from '../client/createdAtMs.ts'
import { endedAtMs } from '../client/liveData.ts'
import type { RequestQuery } from '../client/monitoringApi.ts'
import { ACTIVE_STATUSES, isEnded, STARTED_STATUSES } from '../client/requestPhase.ts'
import { startOfToday } from './formatTime.ts'
import { parseMoment } from './parseMoment.ts'
import { NONE_OPEN, requestState } from './states.ts'
import type { StateName } from './states.ts'

export const STATUS_FILTERS = [
  'all', 'active', 'waiting', 'running', 'retrying', 'held', 'late', 'stalled', 'failed', 'done', 'cancelled',
] as const
export type StatusFilter = (typeof STATUS_FILTERS)[number]
/** What narrows further, by the names of the tracker's own parameters. `from` and `to`: see {@link parseMoment}. */
export const NARROWINGS = ['stage', 'organization', 'student', 'breaker', 'error_type', 'from', 'to'] as const
export type Narrowing = (typeof NARROWINGS)[number]
/** `endedToday` narrows `failed` and `done` to what the cards count. */
export type Filter = {
  status: StatusFilter
  endedToday: boolean
  text: string
  narrow: Partial<Record<Narrowing, string>>
  /** Of what is in flight; default newest. */
  oldestFirst: boolean
}
/** `alone`: the request without the list beside it, for whoever was sent its link. */
export type Place = { filter: Filter; requestId: string | undefined; alone?: boolean }

export const NO_FILTER: Filter = { status: 'all', endedToday: false, text: '', narrow: {}, oldestFirst: false }
/** A request that ended today may have been created before; the tracker filters by creation only. */
const LONGEST_REQUEST_MS = 24 * 3_600_000
/** The tracker's own words, as links in alerts use them. */
const ALIASES = new Map<string, StatusFilter>([['pending', 'waiting'], ['completed', 'done']])

const QUERIES: Record<StatusFilter, Pick<RequestQuery, 'status' | 'condition'>> = {
  all: {},
  active: { status: ACTIVE_STATUSES },
  waiting: { status: ['pending'] },
  running: { status: STARTED_STATUSES },
  retrying: { condition: 'retrying' },
  held: { condition: 'retrying' },
  late: { condition: 'late' },
  stalled: { condition: 'stalled' },
  failed: { status: ['failed'] },
  done: { status: ['completed'] },
  cancelled: { status: ['cancelled'] },
}

export function readPlace(search: string): Place {
  const params = new URLSearchParams(search)
  const asked = params.get('status') ?? 'all'
  const status = ALIASES.get(asked) ?? STATUS_FILTERS.find((name) => name === asked) ?? 'all'
  const narrow: Filter['narrow'] = {}
  for (const name of NARROWINGS) {
    const value = params.get(name)
    if (value) narrow[name] = value
  }
  return {
    filter: {
      status,
      endedToday: params.get('ended') === 'today',
      text: params.get('q') ?? '',
      narrow,
      oldestFirst: params.get('sort') === 'oldest',
    },
    requestId: params.get('request') || undefined,
    ...(params.get('alone') === '1' && { alone: true }),
  }
}

/** The address's query for a place; '' for the plain page. */
export function writePlace({ filter, requestId, alone }: Place): string {
  const params = new URLSearchParams()
  if (filter.status !== 'all') params.set('status', filter.status)
  if (filter.endedToday) params.set('ended', 'today')
  if (filter.text) params.set('q', filter.text)
  for (const name of NARROWINGS) if (filter.narrow[name]) params.set(name, filter.narrow[name])
  if (filter.oldestFirst) params.set('sort', 'oldest')
  if (requestId) params.set('request', requestId)
  if (requestId && alone) params.set('alone', '1')
  return params.size > 0 ? `?${params.toString()}` : ''
}

/** The same with its times fixed: who opens the link tomorrow sees what is seen now. */
export function withFixedTimes(place: Place, nowMs: number): Place {
  const narrow = { ...place.filter.narrow }
  for (const name of ['from', 'to'] as const) {
    const ms = parseMoment(narrow[name], nowMs)
    if (ms !== undefined) narrow[name] = new Date(ms).toISOString()
  }
  return { ...place, filter: { ...place.filter, narrow } }
}

/** Nothing is asked for but what the page holds anyway. */
export function isWholeFilter({ status, text, narrow }: Filter): boolean {
  return status === 'all' && text.trim() === '' && Object.keys(narrow).length === 0
}

export function toRequestQuery(filter: Filter, nowMs: number): RequestQuery {
  const { from, to, ...named } = filter.narrow
  const fromMs = parseMoment(from, nowMs) ?? (filter.endedToday ? startOfToday(nowMs) - LONGEST_REQUEST_MS : undefined)
  const toMs = parseMoment(to, nowMs)
  return {
    ...QUERIES[filter.status],
    ...named,
    ...(filter.text.trim() && { q: filter.text.trim() }),
    ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
    ...(toMs !== undefined && { to: new Date(toMs).toISOString() }),
  }
}

/**
 * @param found what the tracker itself found for this filter: it may search in more than a row shows
 */
export function matchesFilter(row: RequestRow, filter: Filter, found: ReadonlySet<string>, nowMs: number, open = NONE_OPEN): boolean {
  if (!matchesStatus(row, filter.status, nowMs, open)) return false
  if (filter.endedToday && endedAtMs(row) < startOfToday(nowMs)) return false
  if (!matchesNarrowing(row, filter.narrow, found, nowMs)) return false
  return matchesText(row, filter.text) || found.has(row.id)
}

function matchesStatus(row: RequestRow, status: StatusFilter, nowMs: number, open: ReadonlySet<string>): boolean {
  if (status === 'all') return true
  if (status === 'active') return !isEnded(row.status)
  return filtersOf(requestState(row, nowMs, open)).includes(status)
}

/** The tabs that list a state: what is late runs too, what is stalled is late, what is held will be tried again. */
export function filtersOf(state: StateName): readonly (StatusFilter | StateName)[] {
  if (state === 'stalled') return ['stalled', 'late', 'running']
  if (state === 'held') return ['held', 'retrying']
  return state === 'late' ? ['late', 'running'] : [state]
}

function matchesNarrowing(row: RequestRow, narrow: Filter['narrow'], found: ReadonlySet<string>, nowMs: number): boolean {
  const { stage, organization, student, breaker, error_type: errorType, from, to } = narrow
  // A row does not say what stopped it: only the tracker knows.
  if ((breaker ?? errorType) !== undefined && !found.has(row.id)) return false
  if (stage !== undefined && (row.current_stage ?? row.error_stage) !== stage) return false
  if (organization !== undefined && row.organization_id !== organization) return false
  if (student !== undefined && row.student_id !== student) return false
  if (from === undefined && to === undefined) return true
  const createdMs = createdAtMs(row)
  return createdMs >= (parseMoment(from, nowMs) ?? 0) && createdMs < (parseMoment(to, nowMs) ?? Infinity)
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
