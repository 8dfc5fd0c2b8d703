import type { DashboardSpec } from './dashboard.ts'

/** One request, named above the panels or by a link: `?var-request=vvd_…`. */
export const request: DashboardSpec = {
  uid: 'vividly-request',
  title: 'Request',
  description: 'One request: its stages, tries, spans and events, as it goes on. Its detail leads to the trace store and to the logs.',
  from: 'now-6h',
  asksForRequest: true,
  panels: [
    { kind: 'request', title: 'Request', description: 'Stages against normal, tries, waterfall, errors, events.', query: { queryType: 'requests', live: true, limit: 1 }, options: { requestId: '$request' } },
    { kind: 'trace', title: 'Spans', description: 'Of the request, in Grafana’s own trace view.', query: { queryType: 'trace', requestId: '$request' } },
    { kind: 'events', title: 'Events', description: 'Life cycle and diagnostics, as logs.', query: { queryType: 'events', requestId: '$request' } },
  ],
}
