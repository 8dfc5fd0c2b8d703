import type { DashboardSpec } from './dashboard.ts'

const OF = 'pipeline=~"$pipeline"'
const ended = (status: string, range: string) => `sum(increase(cluster:vividly_requests_total{${OF},status=~"${status}"}[${range}]))`
const failedShare = `${ended('failed', '$__range')} / (${ended('failed|completed', '$__range')} > 0)`
const stageQuantile = (quantile: number) =>
  `histogram_quantile(${quantile}, sum by (stage, le) (increase(cluster:vividly_stage_duration_seconds_bucket{${OF},status="completed"}[$__rate_interval])))`

const usual = (of: string, quantile: number) => `max by (stage) (vividly_usual_duration_seconds{${of},quantile="${quantile}"})`
/** How far the last half hour is from what is foretold by the last week, as a share of it. */
function foretold(of: 'request' | 'stage', quantile: number): string {
  const recent = (by: string) =>
    `histogram_quantile(${quantile}, sum by (${by}) (increase(cluster:vividly_${of}_duration_seconds_bucket{${OF},status="completed"}[30m])))`
  if (of === 'request') return `${recent('le')} / scalar(${usual('stage="request"', quantile)}) - 1`
  return `${recent('stage, le')} / ${usual('stage!="request"', quantile)} - 1`
}

/** What operators look at first. */
export const overview: DashboardSpec = {
  uid: 'vividly-overview',
  title: 'Overview',
  description: 'How requests fare: what is under way, how much succeeds, how long stages take, which providers are cut off.',
  from: 'now-6h',
  panels: [
    { kind: 'stat', title: 'Under way', description: 'Requests that have not ended.', unit: 'short', requests: 'status=active', queries: { requests: `sum(max without (instance, job) (vividly_active_requests{${OF}}))` } },
    { kind: 'stat', title: 'Waiting', description: 'Requests that nobody has taken up yet.', unit: 'short', requests: 'status=waiting', queries: { requests: `sum(cluster:vividly_queue_depth{${OF}})` } },
    { kind: 'stat', title: 'Failed', description: 'Requests that failed in the time shown.', unit: 'short', requests: 'status=failed', queries: { requests: ended('failed', '$__range') } },
    { kind: 'stat', title: 'Success rate', description: 'Completed of those that completed or failed in the time shown.', unit: 'percentunit', requests: 'status=failed', queries: { completed: `1 - ${failedShare}` } },
    { kind: 'stat', title: 'Error budget left', description: 'Of the failures that the objective allows for as many requests; below 0 it is overspent.', unit: 'percentunit', requests: 'status=failed', queries: { left: `1 - (${failedShare}) / (1 - scalar(vividly_request_objective_ratio))` } },
    { kind: 'stat', title: 'Open breakers', description: 'Circuit breakers that refuse calls to a provider.', unit: 'short', requests: 'status=retrying', queries: { open: 'sum(cluster:vividly_circuit_breaker_state{state="open"})' } },
    { kind: 'flow', title: 'In flight', description: 'Circuit breakers, requests by stage, and the requests themselves, live. A click opens one.', query: { queryType: 'requests', live: true }, options: { sections: ['breakers', 'river', 'list'], onClick: 'drawer' } },
    { kind: 'timeseries', title: 'Requests a second', description: 'Created, and ended by how.', unit: 'reqps', requests: '', queries: { created: `sum(rate(cluster:vividly_requests_created_total{${OF}}[$__rate_interval]))`, '{{status}}': `sum by (status) (rate(cluster:vividly_requests_total{${OF}}[$__rate_interval]))` } },
    { kind: 'timeseries', title: 'Failed, by class of organization', description: 'Of the requests of a class that ended in the hour before, how many failed. Which organization is of which class stands in the table organization_classes.', unit: 'percentunit', requests: 'status=failed', queries: { '{{organization_class}}': `sum by (organization_class) (increase(cluster:vividly_organization_class_requests_total{${OF},status="failed"}[1h])) / (sum by (organization_class) (increase(cluster:vividly_organization_class_requests_total{${OF},status=~"failed|completed"}[1h])) > 0)` } },
    { kind: 'timeseries', title: 'Oldest under way', description: 'Age of the oldest request in each status.', unit: 's', requests: 'status=active', queries: { '{{status}}': `max by (status) (cluster:vividly_oldest_request_age_seconds{${OF}})` } },
    { kind: 'timeseries', title: 'Stages, p95', description: 'Of completed stages, retries included.', unit: 's', exemplars: true, requests: 'stage=${__field.labels.stage}', queries: { '{{stage}}': stageQuantile(0.95) } },
    { kind: 'timeseries', title: 'Stages, p99', description: 'Of completed stages, retries included.', unit: 's', exemplars: true, requests: 'stage=${__field.labels.stage}', queries: { '{{stage}}': stageQuantile(0.99) } },
    { kind: 'timeseries', title: 'Stages, p50', description: 'Of completed stages, retries included.', unit: 's', exemplars: true, requests: 'stage=${__field.labels.stage}', queries: { '{{stage}}': stageQuantile(0.5) } },
    { kind: 'timeseries', title: 'Late and stalled', description: 'Requests whose stage takes more than twice its time, and those of which nothing is heard.', unit: 'short', requests: 'status=late', queries: { late: `sum(max without (instance, job) (vividly_late_requests{${OF}}))`, stalled: `sum(cluster:vividly_stalled_requests{${OF}})` } },
    { kind: 'timeseries', title: 'Expected ends, how far off', description: 'How far the median of the last half hour is from the one of the last week, of which expected ends are made: 0 is right, 1 is twice as long as foretold.', unit: 'percentunit', requests: 'status=completed', queries: { request: foretold('request', 0.5), '{{stage}}': foretold('stage', 0.5) } },
    { kind: 'timeseries', title: 'Latest ends, how far off', description: 'As the panel beside it, of the 95th percentile, of which the latest expected end is made.', unit: 'percentunit', requests: 'status=completed', queries: { requests: foretold('request', 0.95) } },
  ],
}
