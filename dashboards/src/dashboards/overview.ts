import type { DashboardSpec } from './dashboard.ts'

const OF = 'pipeline=~"$pipeline"'
const ended = (status: string, range: string) => `sum(increase(cluster:vividly_requests_total{${OF},status=~"${status}"}[${range}]))`
const failedShare = `${ended('failed', '$__range')} / (${ended('failed|completed', '$__range')} > 0)`
const stageQuantile = (quantile: number) =>
  `histogram_quantile(${quantile}, sum by (stage, le) (increase(cluster:vividly_stage_duration_seconds_bucket{${OF},status="completed"}[$__rate_interval])))`

/** What operators look at first. */
export const overview: DashboardSpec = {
  uid: 'vividly-overview',
  title: 'Overview',
  description: 'How requests fare: what is under way, how much succeeds, how long stages take, which providers are cut off.',
  from: 'now-6h',
  panels: [
    { kind: 'stat', title: 'Under way', description: 'Requests that have not ended.', unit: 'short', requests: '?status=active', queries: { requests: `sum(max without (instance, job) (vividly_active_requests{${OF}}))` } },
    { kind: 'stat', title: 'Waiting', description: 'Requests that nobody has taken up yet.', unit: 'short', requests: '?status=waiting', queries: { requests: `sum(cluster:vividly_queue_depth{${OF}})` } },
    { kind: 'stat', title: 'Failed', description: 'Requests that failed in the time shown.', unit: 'short', requests: '?status=failed', queries: { requests: ended('failed', '$__range') } },
    { kind: 'stat', title: 'Success rate', description: 'Completed of those that completed or failed in the time shown.', unit: 'percentunit', requests: '?status=failed', queries: { completed: `1 - ${failedShare}` } },
    { kind: 'stat', title: 'Error budget left', description: 'Of the failures that the objective allows for as many requests; below 0 it is overspent.', unit: 'percentunit', requests: '?status=failed', queries: { left: `1 - (${failedShare}) / (1 - scalar(vividly_request_objective_ratio))` } },
    { kind: 'stat', title: 'Open breakers', description: 'Circuit breakers that refuse calls to a provider.', unit: 'short', queries: { open: 'sum(cluster:vividly_circuit_breaker_state{state="open"})' } },
    { kind: 'flow', title: 'In flight', description: 'Circuit breakers, requests by stage, and the requests themselves, live. A click opens one.', query: { queryType: 'requests', live: true }, options: { sections: ['breakers', 'river', 'list'], onClick: 'drawer' } },
    { kind: 'timeseries', title: 'Requests a second', description: 'Created, and ended by how.', unit: 'reqps', requests: '', queries: { created: `sum(rate(cluster:vividly_requests_created_total{${OF}}[$__rate_interval]))`, '{{status}}': `sum by (status) (rate(cluster:vividly_requests_total{${OF}}[$__rate_interval]))` } },
    { kind: 'timeseries', title: 'Oldest under way', description: 'Age of the oldest request in each status.', unit: 's', requests: '?status=active', queries: { '{{status}}': `max by (status) (cluster:vividly_oldest_request_age_seconds{${OF}})` } },
    { kind: 'timeseries', title: 'Stages, p95', description: 'Of completed stages, retries included.', unit: 's', exemplars: true, queries: { '{{stage}}': stageQuantile(0.95) } },
    { kind: 'timeseries', title: 'Stages, p50', description: 'Of completed stages, retries included.', unit: 's', exemplars: true, queries: { '{{stage}}': stageQuantile(0.5) } },
  ],
}
