import { BURN_RATES, SLO } from './slo.ts'
import type { RuleGroup } from './rule.ts'

/** Of all replicas one answer: each tells the same cluster-wide counts, so `max`, never `sum`. */
const OF_CLUSTER = 'max without (instance, job)'

export const WINDOWS = [...new Set(BURN_RATES.flatMap(({ long, short }) => [short, long]))]

/** How far back a stage's own normal looks. */
const NORMAL_WINDOW = '7d'

export const recordingRules: RuleGroup[] = [
  {
    name: 'vividly-cluster',
    rules: [
      ...['vividly_requests_total', 'vividly_requests_created_total', 'vividly_stages_total', 'vividly_organization_class_requests_total'].map(ofCluster),
      ...['vividly_stage_duration_seconds_bucket', 'vividly_request_duration_seconds_bucket', 'vividly_request_duration_seconds_sum', 'vividly_request_duration_seconds_count'].map(ofCluster),
      ...['vividly_queue_depth', 'vividly_running_stages', 'vividly_stage_oldest_running_seconds'].map(ofCluster),
      ...['vividly_oldest_request_age_seconds', 'vividly_circuit_breaker_state', 'vividly_stalled_requests'].map(ofCluster),
    ],
  },
  {
    name: 'vividly-slo',
    rules: WINDOWS.map((window) => ({
      record: `pipeline:vividly_request_failures:ratio_rate${window}`,
      expr:
        `sum by (pipeline) (increase(cluster:vividly_requests_total{status="failed"}[${window}])) / ` +
        `sum by (pipeline) (increase(cluster:vividly_requests_total{status=~"failed|completed"}[${window}]) > 0)`,
    })),
  },
  {
    name: 'vividly-objective',
    rules: [{ record: 'vividly_request_objective_ratio', expr: `vector(${SLO.objective})` }],
  },
  {
    name: 'vividly-normals',
    interval: '5m',
    rules: [
      {
        record: 'stage:vividly_stage_duration_seconds:p95_normal',
        expr: stageP95(NORMAL_WINDOW),
      },
      { record: 'pipeline:vividly_request_duration_seconds:average_normal', expr: requestAverage(NORMAL_WINDOW) },
    ],
  },
  {
    name: 'vividly-durations',
    rules: [
      { record: 'stage:vividly_stage_duration_seconds:p95_15m', expr: stageP95('15m') },
      { record: 'pipeline:vividly_request_duration_seconds:average_15m', expr: requestAverage('15m') },
    ],
  },
]

function ofCluster(metric: string) {
  return { record: `cluster:${metric}`, expr: `${OF_CLUSTER} (${metric})` }
}

function stageP95(window: string): string {
  const buckets = `increase(cluster:vividly_stage_duration_seconds_bucket{status="completed"}[${window}])`
  return `histogram_quantile(0.95, sum by (pipeline, stage, le) (${buckets}))`
}

function requestAverage(window: string): string {
  const of = (part: string) =>
    `sum by (pipeline) (increase(cluster:vividly_request_duration_seconds_${part}{status="completed"}[${window}]))`
  return `${of('sum')} / (${of('count')} > 0)`
}
