import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** A variable, so that no dashboard knows a data source by its uid. */
export const PROMETHEUS = { type: 'prometheus', uid: '${prometheus}' }

export type PanelSpec = {
  kind: 'stat' | 'timeseries'
  title: string
  description: string
  unit: string
  /** PromQL by the name its series get. */
  queries: Record<string, string>
  /** The tracker page's query that lists the requests behind the number, of the time shown where it is not of now. */
  requests?: string
  exemplars?: true
}

export function panel(spec: PanelSpec) {
  const builder = spec.kind === 'stat' ? new StatBuilder() : new TimeseriesBuilder()
  builder.title(spec.title).description(spec.description).unit(spec.unit).datasource(PROMETHEUS)
  Object.entries(spec.queries).forEach(([legend, expr], index) => {
    const query = new DataqueryBuilder().expr(expr).legendFormat(legend).datasource(PROMETHEUS)
    query.refId(String.fromCharCode(65 + index)).exemplar(spec.exemplars === true)
    builder.withTarget(spec.kind === 'stat' ? query.instant() : query.range())
  })
  if (spec.requests === undefined) return builder
  return builder.dataLinks([new DashboardLinkBuilder('The requests behind it').url(pageOf(spec.requests)).targetBlank(true)])
}

/** What is under way now may have begun before the time shown. */
const OF_NOW = /status=(active|waiting|retrying|late|stalled)/

function pageOf(requests: string): string {
  const range = OF_NOW.test(requests) ? [] : ['from=${__from:date:iso}', 'to=${__to:date:iso}']
  return `\${tracker}/monitoring/dashboard?${[requests, ...range].filter(Boolean).join('&')}`
}
