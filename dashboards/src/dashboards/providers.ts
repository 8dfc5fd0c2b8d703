import type { DashboardSpec } from './dashboard.ts'

/** Which provider is cut off, and what its stages suffer. */
export const providers: DashboardSpec = {
  uid: 'vividly-providers',
  title: 'Providers and breakers',
  description: 'Circuit breakers, the calls through them, and the retries of stages.',
  from: 'now-6h',
  panels: [
    { kind: 'breakers', title: 'Circuit breakers', description: 'May calls go through, since when, how they went; with its history.', query: { queryType: 'breakers', live: true } },
    { kind: 'timeseries', title: 'Breakers not closed', description: '1 while the worst living instance is open or half open.', unit: 'short', requests: 'breaker=${__field.labels.name}', queries: { '{{name}} {{state}}': 'cluster:vividly_circuit_breaker_state{state!="closed"}' } },
    { kind: 'timeseries', title: 'Calls', description: 'Of the living instances since they started, by how they went.', unit: 'short', requests: 'breaker=${__field.labels.name}', queries: { '{{name}} {{kind}}': 'max by (name, kind) (vividly_circuit_breaker_calls)' } },
    { kind: 'timeseries', title: 'Attempts beyond the first', description: 'Retries of stages that have ended.', unit: 'cps', requests: 'stage=${__field.labels.stage}', queries: { '{{stage}}': 'sum by (stage) (max without (instance, job) (rate(vividly_stage_retries_total{pipeline=~"$pipeline"}[$__rate_interval])))' } },
    { kind: 'timeseries', title: 'Stages that wait for their next attempt', description: 'Now retrying.', unit: 'short', requests: 'status=retrying', queries: { '{{stage}}': 'sum by (stage) (max without (instance, job) (vividly_retrying_stages{pipeline=~"$pipeline"}))' } },
  ],
}
