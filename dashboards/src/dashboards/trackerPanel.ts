import { PanelBuilder } from '@grafana/grafana-foundation-sdk/dashboard'

/** The plugin's data source, by a variable as Prometheus is. */
export const TRACKER = { type: 'vividly-tracker-datasource', uid: '${vividly}' }

/** Grafana's panel for each kind: three of the plugin's own, three of Grafana's that draw the plugin's frames. */
export const TRACKER_PANELS = {
  flow: 'vividly-flow-panel',
  breakers: 'vividly-breakers-panel',
  request: 'vividly-request-panel',
  events: 'logs',
  trace: 'traces',
  trend: 'timeseries',
} as const

export type TrackerPanelSpec = {
  kind: keyof typeof TRACKER_PANELS
  title: string
  description: string
  /** As `grafana-plugin/plugin/datasource/trackerQuery.ts` has it. */
  query: { queryType: string } & Record<string, unknown>
  options?: Record<string, unknown>
  /** Of a `trend`: its unit, and the fields that are drawn. */
  unit?: string
  fields?: string[]
}

export function isTrackerPanel(spec: { kind: string }): spec is TrackerPanelSpec {
  return spec.kind in TRACKER_PANELS
}

/** A query of the plugin's data source, as the SDK wants it. */
export function trackerQuery(refId: string, query: TrackerPanelSpec['query']) {
  return { refId, datasource: TRACKER, ...query, _implementsDataqueryVariant: () => undefined }
}

export function trackerPanel({ kind, title, description, query, options, unit, fields }: TrackerPanelSpec): PanelBuilder {
  const builder = new PanelBuilder().type(TRACKER_PANELS[kind]).title(title).description(description).datasource(TRACKER)
  builder.withTarget({ build: () => trackerQuery('A', query) })
  if (options !== undefined) builder.options(options)
  if (unit !== undefined) builder.unit(unit)
  if (fields !== undefined) {
    builder.withTransformation({ id: 'filterFieldsByName', options: { include: { names: ['time', ...fields] } } })
  }
  return builder
}
