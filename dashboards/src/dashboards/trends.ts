import type { DashboardSpec } from './dashboard.ts'

const TRENDS = { queryType: 'trends' }
const OF = 'pipeline=~"$pipeline"'
/** The same now and a week before: a school's week is the period that repeats. */
const againstWeekBefore = (expr: (offset: string) => string) => ({ now: expr(''), 'a week before': expr(' offset 7d') })
const aDay = (metric: string, offset: string) => `sum(increase(cluster:${metric}[1d]${offset}))`
const ended = (status: string, offset: string) => aDay(`vividly_requests_total{${OF},status=~"${status}"}`, offset)
const duration = (part: string, offset: string) => aDay(`vividly_request_duration_seconds_${part}{${OF},status="completed"}`, offset)

/** Hours to months: by hour up to eight days, by day beyond. */
export const trends: DashboardSpec = {
  uid: 'vividly-trends',
  title: 'Trends',
  description: 'How requests and their stages fared over weeks and months; from the tracker’s own rollups, which outlive Prometheus.',
  from: 'now-30d',
  panels: [
    { kind: 'trend', title: 'Requests', description: 'Created, whole requests and by stage.', unit: 'short', query: TRENDS, fields: ['total'] },
    { kind: 'trend', title: 'Failed', description: 'Whole requests, and stages that failed for good.', unit: 'short', query: TRENDS, fields: ['failed'] },
    { kind: 'trend', title: 'Success rate', description: 'Completed of those that completed or failed.', unit: 'percentunit', query: TRENDS, fields: ['success_rate'] },
    { kind: 'trend', title: 'Retries', description: 'Tries beyond the first.', unit: 'short', query: TRENDS, fields: ['retries'] },
    { kind: 'timeseries', title: 'Requests a day, against the week before', description: 'Created in the 24 hours before each moment.', unit: 'short', requests: '', queries: againstWeekBefore((offset) => aDay(`vividly_requests_created_total{${OF}}`, offset)) },
    { kind: 'timeseries', title: 'Failed share, against the week before', description: 'Of those that completed or failed in the 24 hours before each moment.', unit: 'percentunit', requests: 'status=failed', queries: againstWeekBefore((offset) => `${ended('failed', offset)} / (${ended('failed|completed', offset)} > 0)`) },
    { kind: 'timeseries', title: 'Average duration, against the week before', description: 'Of what completed in the 24 hours before each moment.', unit: 's', requests: 'status=completed', queries: againstWeekBefore((offset) => `${duration('sum', offset)} / (${duration('count', offset)} > 0)`) },
    { kind: 'trend', title: 'Duration, p50', description: 'Of what completed; within 1 %.', unit: 's', query: TRENDS, fields: ['p50_duration_seconds'] },
    { kind: 'trend', title: 'Duration, p95', description: 'Of what completed; within 1 %.', unit: 's', query: TRENDS, fields: ['p95_duration_seconds'] },
    { kind: 'trend', title: 'Duration, p99', description: 'Of what completed; within 1 %.', unit: 's', query: TRENDS, fields: ['p99_duration_seconds'] },
  ],
}
