import { dashboard } from './dashboard.ts'
import { overview } from './overview.ts'
import { providers } from './providers.ts'
import { request } from './request.ts'
import { trackerItself } from './trackerItself.ts'
import { trends } from './trends.ts'

/** The files of `dashboards/grafana/`, by name. */
export function toDashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    [overview, request, providers, trends, trackerItself].map((spec) => [`${spec.uid}.json`, `${JSON.stringify(dashboard(spec), null, 2)}\n`]),
  )
}
