import { LoadingState } from '@grafana/data'
import type { DataFrame, DataQueryResponse, QueryResultMeta, TimeRange } from '@grafana/data'
import { Observable } from 'rxjs'

import type { LiveState } from '../../src/client/liveClient.ts'
import { listPages } from '../../src/client/loadSnapshot.ts'
import type { MonitoringApi } from '../../src/client/monitoringApi.ts'
import {
  breakerChangeFields,
  breakerFields,
  deploymentFields,
  eventFields,
  hourFields,
  laneFields,
  requestFields,
  spanFields,
  stageFields,
  statsFields,
  trendFields,
} from '../../src/frames.ts'
import type { FieldSpec } from '../../src/frames.ts'
import { t } from '../../src/text/t.ts'
import { toRequestQuery } from '../../src/views/filter.ts'
import { DEFAULT_STAGE_NAMES } from '../../src/views/stages.ts'
import { openBreakers } from '../../src/views/openBreakers.ts'
import { toLanes } from '../../src/views/toLanes.ts'
import { cutNotice } from './cutNotice.ts'
import { readOnce } from './readOnce.ts'
import { serverNow } from './serverNow.ts'
import type { SharedClient } from './shareClient.ts'
import { toDataFrame } from './toDataFrame.ts'
import { DEFAULT_LIMIT, toFilter } from './trackerQuery.ts'
import type { readQuery } from './trackerQuery.ts'
import { watchLive } from './watchLive.ts'
import { watchRequests } from './watchRequests.ts'

type Query = ReturnType<typeof readQuery>
type Source = { api: MonitoringApi; shared: SharedClient; timezone: string; requestHref: string }
const PAGE_SIZE = 200
/** Beyond it, a trend in hours has more points than a screen. */
const HOURS_UP_TO_MS = 8 * 24 * 3_600_000

/** The answer to one query whose variables have been replaced. */
export function runQuery(source: Source, query: Query, range: TimeRange): Observable<DataQueryResponse> {
  const frame = <T>(rows: readonly T[], fields: readonly FieldSpec<T>[], more: { name?: string; meta?: QueryResultMeta; labels?: Record<string, string> } = {}) =>
    toDataFrame(rows, fields, { refId: query.refId, requestHref: source.requestHref, ...more })
  const from = range.from.toISOString()
  const to = range.to.toISOString()
  const { api } = source

  switch (query.queryType) {
    case 'requests':
      return query.live ? watchRequests(source.shared, query, frame) : readOnce(query.refId, async (signal) => {
        const limit = query.limit ?? DEFAULT_LIMIT
        const asked = { ...toRequestQuery(toFilter(query), range.to.valueOf()), from, to }
        const { rows, more } = await listPages(api, asked, Math.ceil(limit / PAGE_SIZE), signal)
        const cut = more || rows.length > limit
        return [frame(rows.slice(0, limit), requestFields(Date.now()), cut ? { meta: cutNotice(limit) } : {})]
      })
    case 'stats':
      return watchOrRead(source, query, (state) => (state.data.stats ? [frame([{ ...state.data.stats, time: serverNow(state) }], statsFields)] : []))
    case 'lanes':
      return watchOrRead(source, query, (state) => [frame(toLanes(state.data.requests.values(), DEFAULT_STAGE_NAMES, serverNow(state), openBreakers(state.data.breakers)), laneFields)])
    case 'breakers':
      return watchOrRead(source, query, (state) => [frame([...state.data.breakers.values()].map(({ row }) => row), breakerFields)])
    case 'breaker_changes':
      return readOnce(query.refId, async (signal) => {
        const names = query.breaker ? [query.breaker] : (await api.getBreakers(signal)).items.map(({ name }) => name)
        const histories = await Promise.all(names.map((name) => api.getBreakerHistory(name, signal)))
        const changes = histories.flatMap(({ items }) => items).filter((row) => row.changed_at >= from && row.changed_at < to)
        return [frame(changes.sort((a, b) => a.changed_at.localeCompare(b.changed_at)), breakerChangeFields)]
      })
    case 'deployments':
      return readOnce(query.refId, async (signal) => {
        const { items } = await api.getDeployments({ from, to }, signal)
        return [frame(items.toReversed(), deploymentFields)]
      })
    case 'hours':
      return readOnce(query.refId, async (signal) => {
        const { buckets } = await api.getMetrics(from, signal)
        return [frame(buckets.filter(({ hour }) => hour < to), hourFields)]
      })
    case 'trends':
      return readOnce(query.refId, async (signal) => {
        const step = range.to.diff(range.from) > HOURS_UP_TO_MS ? 'day' : 'hour'
        const { buckets } = await api.getTrends({ from, step, tz: source.timezone }, signal)
        const stages = Map.groupBy(buckets.filter((row) => row.from < to), ({ stage }) => stage ?? 'whole request')
        return [...stages].map(([stage, rows]) => frame(rows, trendFields, { name: stage, labels: { stage } }))
      })
    case 'stages':
      return readOnce(query.refId, async (signal) => [frame((await api.getRequest(idOf(query), signal)).stages, stageFields)])
    case 'events':
      return readOnce(query.refId, async (signal) => {
        const { items } = await api.listEvents(idOf(query), undefined, signal)
        return [frame(items, eventFields, { meta: { preferredVisualisationType: 'logs' } })]
      })
    case 'trace':
      return readOnce(query.refId, async (signal) => {
        const [detail, spans] = await Promise.all([api.getRequest(idOf(query), signal), api.listSpans(idOf(query), signal)])
        const rows = spans.items.map((span) => ({ ...span, trace_id: detail.trace_id }))
        return [frame(rows, spanFields, { name: 'Trace', meta: { preferredVisualisationType: 'trace' } })]
      })
    default:
      return query.queryType satisfies never
  }
}

function watchOrRead(source: Source, query: Query, toFrames: (state: LiveState) => DataFrame[]): Observable<DataQueryResponse> {
  const watched = watchLive(source.shared, query.refId, toFrames)
  if (query.live) return watched
  return new Observable((observer) => {
    const subscription = watched.subscribe((response) => {
      observer.next({ ...response, state: response.state === LoadingState.Streaming ? LoadingState.Done : LoadingState.Error })
      queueMicrotask(() => subscription.unsubscribe())
      observer.complete()
    })
    return subscription
  })
}

function idOf({ requestId }: Query): string {
  if (requestId?.trim()) return requestId.trim()
  throw new Error(t('Name a request: its correlation ID, its trace ID or its UUID.'))
}
