import { DataSourceApi } from '@grafana/data'
import type {
  DataQueryRequest,
  DataQueryResponse,
  DataSourceInstanceSettings,
  MetricFindValue,
  ScopedVars,
  TestDataSourceResponse,
} from '@grafana/data'
import { config, getTemplateSrv } from '@grafana/runtime'
import type { RequestDetail } from '@vividly/tracker-api/contract'
import { merge } from 'rxjs'
import type { Observable } from 'rxjs'

import { createMonitoringApi } from '../../src/client/monitoringApi.ts'
import type { MonitoringApi } from '../../src/client/monitoringApi.ts'
import type { OutsideLink } from '../../src/views/surroundings.ts'
import { requestHref } from './appHref.ts'
import { fetchThroughGrafana } from './fetchThroughGrafana.ts'
import { linksFor } from './linksFor.ts'
import { listValues } from './listValues.ts'
import { runQuery } from './runQuery.ts'
import { shareClient } from './shareClient.ts'
import type { SharedClient } from './shareClient.ts'
import { testConnection } from './testConnection.ts'
import { interpolate, readQuery } from './trackerQuery.ts'
import type { TrackerOptions, TrackerQuery } from './trackerQuery.ts'

/** The route of plugin.json, behind which Grafana's server adds the token. */
const ROUTE = '/tracker'

/** The tracker behind Grafana's data proxy, with one stream for all panels and queries. */
export class TrackerDataSource extends DataSourceApi<TrackerQuery, TrackerOptions> {
  readonly api: MonitoringApi
  readonly shared: SharedClient
  readonly timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
  /** The tracker as the browser reaches it. */
  readonly url: string
  readonly #options: TrackerOptions
  override annotations = {
    getDefaultQuery: (): Partial<TrackerQuery> => ({ queryType: 'breaker_changes' }),
  }

  constructor(settings: DataSourceInstanceSettings<TrackerOptions>) {
    super(settings)
    this.url = `${settings.url ?? ''}${ROUTE}`
    this.#options = settings.jsonData
    this.api = createMonitoringApi(this.url, fetchThroughGrafana)
    this.shared = shareClient(this.api, this.timezone, `vividly ${this.url} ${config.bootData?.user?.orgId} ${this.timezone}`)
  }

  query(request: DataQueryRequest<TrackerQuery>): Observable<DataQueryResponse> {
    const source = { api: this.api, shared: this.shared, timezone: this.timezone, requestHref: requestHref(this.uid, '${__value.raw}') }
    return merge(
      ...request.targets.map((target) => runQuery(source, readQuery(this.replaceVariables(target, request.scopedVars)), request.range)),
    )
  }

  override filterQuery({ hide }: TrackerQuery): boolean {
    return !hide
  }

  override getDefaultQuery(): Partial<TrackerQuery> {
    return { queryType: 'requests', live: true }
  }

  override getQueryDisplayText(query: TrackerQuery): string {
    return [readQuery(query).queryType, query.status, query.text, query.requestId].filter(Boolean).join(' ')
  }

  override interpolateVariablesInQueries(queries: TrackerQuery[], scopedVars: ScopedVars): TrackerQuery[] {
    return queries.map((query) => ({ ...this.replaceVariables(query, scopedVars), datasource: this.getRef() }))
  }

  /** Of a variable: `stages`, `breakers`, `organizations` or `statuses`. */
  override metricFindQuery(query: unknown): Promise<MetricFindValue[]> {
    return listValues(this.api, query)
  }

  testDatasource(): Promise<TestDataSourceResponse> {
    return testConnection(this.api, this.#options)
  }

  /** Where the request's trace and logs are, as the data source's settings say. */
  linksFor(request: RequestDetail): OutsideLink[] {
    return linksFor(request, this.#options)
  }

  replaceVariables(query: TrackerQuery, scopedVars: ScopedVars): TrackerQuery {
    const template = getTemplateSrv()
    // A variable that stands for all its values narrows nothing; of several, the tracker takes the first.
    const format = (value: unknown) => String((Array.isArray(value) ? value[0] : value) ?? '').replace(/^\$__all$/, '')
    return interpolate(query, (text) => template.replace(text, scopedVars, format))
  }
}
