import type { RequestDetail } from '@vividly/tracker-api/contract'

import { msg } from '../../src/text/t.ts'
import type { OutsideLink } from '../../src/views/surroundings.ts'
import { exploreHref } from './appHref.ts'
import type { TrackerOptions } from './trackerQuery.ts'

/** Around the request: clocks differ, and logs come late. */
const MARGIN_MS = 5 * 60_000
const DEFAULT_LOGS_QUERY = '{service_namespace="vividly"} |= "${traceId}"'

/** Explore, opened on the request's trace and logs, where the data source names where those are. */
export function linksFor(request: RequestDetail, options: TrackerOptions, nowMs = Date.now()): OutsideLink[] {
  const fromMs = Date.parse(request.created_at) - MARGIN_MS
  const endedAt = request.completed_at ?? request.failed_at ?? request.cancelled_at
  const toMs = (endedAt === null ? nowMs : Date.parse(endedAt)) + MARGIN_MS
  const links: OutsideLink[] = []
  if (options.tracesUid) {
    const query = { queryType: 'traceql', query: request.trace_id }
    links.push({ label: msg('Trace'), href: exploreHref(options.tracesUid, query, fromMs, toMs) })
  }
  if (options.logsUid) {
    const expr = (options.logsQuery || DEFAULT_LOGS_QUERY)
      .replaceAll('${traceId}', request.trace_id)
      .replaceAll('${correlationId}', request.correlation_id)
    links.push({ label: msg('Logs'), href: exploreHref(options.logsUid, { expr, query: expr }, fromMs, toMs) })
  }
  // What the tracker itself knows, where Grafana has no such data source.
  if (!options.tracesUid && request.links.trace !== null) links.push({ label: msg('Trace'), href: request.links.trace })
  if (!options.logsUid && request.links.logs !== null) links.push({ label: msg('Logs'), href: request.links.logs })
  return links
}
