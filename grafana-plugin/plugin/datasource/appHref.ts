import { config } from '@grafana/runtime'

export const APP_ID = 'vividly-tracker-app'
export const DATASOURCE_ID = 'vividly-tracker-datasource'

/** The app's live page for a request of a data source. `request` may be a template such as `${__value.raw}`. */
export function requestHref(datasourceUid: string, request: string): string {
  return `${config.appSubUrl ?? ''}/a/${APP_ID}?ds=${encodeURIComponent(datasourceUid)}&request=${request}`
}

/** Grafana's Explore with one query ready to run, the last hour around it. */
export function exploreHref(datasourceUid: string, query: Record<string, unknown>, fromMs: number, toMs: number): string {
  const pane = {
    datasource: datasourceUid,
    queries: [{ refId: 'A', datasource: { uid: datasourceUid }, ...query }],
    range: { from: String(fromMs), to: String(toMs) },
  }
  const params = new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify({ request: pane }) })
  return `${config.appSubUrl ?? ''}/explore?${params.toString()}`
}
