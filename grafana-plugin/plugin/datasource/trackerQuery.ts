import type { DataQuery, DataSourceJsonData } from '@grafana/data'

import { NARROWINGS, NO_FILTER, STATUS_FILTERS } from '../../src/views/filter.ts'
import type { Filter, Narrowing, StatusFilter } from '../../src/views/filter.ts'

export const QUERY_TYPES = ['requests', 'stats', 'lanes', 'breakers', 'breaker_changes', 'deployments', 'hours', 'trends', 'stages', 'events', 'trace'] as const
export type QueryType = (typeof QUERY_TYPES)[number]

/** A query as a dashboard stores it. Text fields may hold variables. */
export interface TrackerQuery extends DataQuery {
  queryType?: QueryType
  /** Of `requests`; the words of the page's tabs. */
  status?: StatusFilter
  /** Of `requests`: a topic, a student, an ID in any spelling. */
  text?: string
  narrow?: Partial<Record<Exclude<Narrowing, 'from' | 'to'>, string>>
  /** Of `requests`, default 200. */
  limit?: number
  /** Of `stages`, `events` and `trace`: an ID in any spelling. */
  requestId?: string
  /** Of `breaker_changes`; all of them when empty. */
  breaker?: string
  /** Of `requests`, `stats`, `lanes`, `breakers`: as it is now, and each change of it; else as the time range says. */
  live?: boolean
}

export interface TrackerOptions extends DataSourceJsonData {
  /** Where Grafana's server reaches the tracker; the browser never does. */
  apiUrl?: string
  /** Data sources in which a request's trace and logs are. */
  tracesUid?: string
  logsUid?: string
  /** In the language of the logs' data source; `${traceId}` and `${correlationId}` stand for the request's. */
  logsQuery?: string
}

export interface TrackerSecrets {
  apiToken?: string
}

export const DEFAULT_LIMIT = 200

/** Reads whatever a dashboard holds: unknown words become the defaults. */
export function readQuery(query: TrackerQuery): TrackerQuery & { queryType: QueryType; live: boolean } {
  return {
    ...query,
    queryType: QUERY_TYPES.find((type) => type === query.queryType) ?? 'requests',
    live: query.live ?? true,
  }
}

/** The page's filter for a query whose variables have been replaced. */
export function toFilter(query: TrackerQuery): Filter {
  const narrow: Filter['narrow'] = {}
  for (const name of NARROWINGS) {
    if (name === 'from' || name === 'to') continue
    const value = query.narrow?.[name]
    if (value) narrow[name] = value
  }
  const status = STATUS_FILTERS.find((name) => name === query.status) ?? 'all'
  return { ...NO_FILTER, status, text: query.text ?? '', narrow }
}

/** @param replace Grafana's; a variable with all values becomes nothing, for then it does not narrow */
export function interpolate(query: TrackerQuery, replace: (text: string) => string): TrackerQuery {
  const of = (text: string | undefined) => (text === undefined ? undefined : replace(text))
  const narrow = Object.fromEntries(Object.entries(query.narrow ?? {}).map(([name, value]) => [name, of(value) ?? '']))
  return {
    ...query,
    narrow,
    ...(query.text !== undefined && { text: replace(query.text) }),
    ...(query.requestId !== undefined && { requestId: replace(query.requestId) }),
    ...(query.breaker !== undefined && { breaker: replace(query.breaker) }),
  }
}
