import type { DashboardSpec } from './dashboard.ts'

const TRENDS = { queryType: 'trends' }

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
    { kind: 'trend', title: 'Duration, p50', description: 'Of what completed; within 1 %.', unit: 's', query: TRENDS, fields: ['p50_duration_seconds'] },
    { kind: 'trend', title: 'Duration, p95', description: 'Of what completed; within 1 %.', unit: 's', query: TRENDS, fields: ['p95_duration_seconds'] },
    { kind: 'trend', title: 'Duration, p99', description: 'Of what completed; within 1 %.', unit: 's', query: TRENDS, fields: ['p99_duration_seconds'] },
  ],
}
