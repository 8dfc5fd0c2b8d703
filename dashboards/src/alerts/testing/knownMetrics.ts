import * as tracker from '../../../../tracker-api/src/telemetry/metricNames.ts'
import * as canary from '../../canary/canaryMetricNames.ts'
import { recordingRules } from '../recordingRules.ts'

/** Everything that a rule or dashboard may name; a histogram by its name alone. */
export const knownMetrics: ReadonlySet<string> = new Set([
  ...Object.values(tracker),
  ...Object.values(canary),
  ...recordingRules.flatMap(({ rules }) => rules.map((rule) => ('record' in rule ? rule.record : rule.alert))),
  // The Collector's own, seen by the tests with the real programs.
  'otelcol_exporter_queue_size',
  'otelcol_exporter_queue_capacity',
  'otelcol_kafka_receiver_offset_lag',
  'otelcol_kafka_receiver_current_offset',
  // Of collector.yaml's span_metrics.
  'vividly_span_calls_total',
  'vividly_span_duration_seconds',
])

/** Labels that are named as metrics are. */
const LABELS = new Set(['vividly_stage_name', 'vividly_stage_status', 'vividly_pipeline_name'])
const NAME = /(?:[a-z]+:)?(?:vividly|otelcol)_\w+(?::\w+)?/g

/** Names in a PromQL expression that nothing has. */
export function unknownMetricsIn(expr: string): string[] {
  const names = (expr.match(NAME) ?? []).filter((name) => !LABELS.has(name))
  return names.filter((name) => !knownMetrics.has(name) && !knownMetrics.has(name.replace(/_(bucket|sum|count)$/, '')))
}
