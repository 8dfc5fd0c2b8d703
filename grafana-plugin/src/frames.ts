/**
 * The fields of the data frames that the Grafana data source answers with: the one list for tables, Explore, alerts
 * that people write, transformations and links. Names are snake_case as in the API; durations are in seconds, ratios
 * 0 to 1, times in ms since 1970.
 */
import type {
  CircuitBreaker,
  Metrics,
  RequestEvent,
  RequestRow,
  RequestSpan,
  StageDetail,
} from '@vividly/tracker-api/contract'
import type { BreakerHistory, Deployments, Trends } from '@vividly/tracker-api/trendsContract'

import type { Stats } from './client/liveData.ts'
import { requestState } from './views/states.ts'
import type { Lane } from './views/toLanes.ts'

export type FieldKind = 'string' | 'number' | 'time' | 'boolean' | 'other'
export type FieldSpec<T> = {
  name: string
  kind: FieldKind
  /** Grafana's name of the unit. */
  unit?: string
  description?: string
  /** What a click on a value opens. */
  link?: 'request'
  read: (row: T) => unknown
}
type HourBucket = Metrics['buckets'][number]
type TrendBucket = Trends['buckets'][number]
type Deployment = Deployments['items'][number]
type BreakerChange = BreakerHistory['items'][number]

const at = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

/** @param nowMs the server's time: a request becomes late by itself */
export function requestFields(nowMs: number, open?: ReadonlySet<string>): readonly FieldSpec<RequestRow>[] {
  return [
    { name: 'created_at', kind: 'time', read: (row) => at(row.created_at) },
    { name: 'correlation_id', kind: 'string', link: 'request', read: (row) => row.correlation_id },
    { name: 'topic', kind: 'string', read: (row) => row.topic },
    { name: 'student_name', kind: 'string', read: (row) => row.student_name },
    { name: 'student_id', kind: 'string', read: (row) => row.student_id },
    { name: 'organization_id', kind: 'string', read: (row) => row.organization_id },
    { name: 'pipeline_name', kind: 'string', read: (row) => row.pipeline_name },
    { name: 'state', kind: 'string', description: 'What people call it: waiting, running, retrying, held, late, stalled, done, failed, cancelled', read: (row) => requestState(row, nowMs, open) },
    { name: 'status', kind: 'string', description: 'As the API says it', read: (row) => row.status },
    { name: 'current_stage', kind: 'string', read: (row) => row.current_stage },
    { name: 'progress', kind: 'number', unit: 'percent', read: (row) => row.progress_percentage },
    { name: 'elapsed_seconds', kind: 'number', unit: 's', read: (row) => row.total_duration_seconds ?? row.elapsed_seconds },
    { name: 'retry_count', kind: 'number', read: (row) => row.retry_count },
    { name: 'expected_end', kind: 'time', description: 'The likely one', read: (row) => at(row.expected_end?.likely ?? null) },
    { name: 'ended_at', kind: 'time', read: (row) => at(row.completed_at ?? row.failed_at ?? row.cancelled_at) },
    { name: 'error_stage', kind: 'string', read: (row) => row.error_stage },
    { name: 'error_message', kind: 'string', read: (row) => row.error_message },
    { name: 'trace_id', kind: 'string', link: 'request', read: (row) => row.trace_id },
  ]
}

export const statsFields: readonly FieldSpec<Stats & { time: number }>[] = [
  { name: 'time', kind: 'time', read: ({ time }) => time },
  { name: 'active', kind: 'number', description: 'Not ended, those that wait included', read: (stats) => stats.active },
  { name: 'pending', kind: 'number', read: (stats) => stats.pending },
  { name: 'completed_today', kind: 'number', read: (stats) => stats.completed_today },
  { name: 'failed_today', kind: 'number', read: (stats) => stats.failed_today },
  { name: 'success_rate', kind: 'number', unit: 'percentunit', read: (stats) => stats.success_rate },
  { name: 'average_duration_seconds', kind: 'number', unit: 's', read: (stats) => stats.average_duration_seconds },
]

export const laneFields: readonly FieldSpec<Lane>[] = [
  { name: 'stage', kind: 'string', read: ({ stage }) => stage ?? 'waiting' },
  { name: 'requests', kind: 'number', read: ({ count }) => count },
  { name: 'median_age_seconds', kind: 'number', unit: 's', read: ({ medianAgeMs }) => toSeconds(medianAgeMs) },
  { name: 'oldest_age_seconds', kind: 'number', unit: 's', read: ({ oldestAgeMs }) => toSeconds(oldestAgeMs) },
  { name: 'late', kind: 'number', read: ({ late }) => late },
  { name: 'stalled', kind: 'number', read: ({ stalled }) => stalled },
  { name: 'retrying', kind: 'number', read: ({ retrying }) => retrying },
  { name: 'held', kind: 'number', description: 'They wait for a breaker that is open', read: ({ held }) => held },
]

export const breakerFields: readonly FieldSpec<CircuitBreaker>[] = [
  { name: 'name', kind: 'string', read: ({ name }) => name },
  { name: 'state', kind: 'string', description: 'Of the worst living instance', read: ({ state }) => state },
  { name: 'since', kind: 'time', read: ({ since }) => at(since) },
  { name: 'calls', kind: 'number', read: ({ calls }) => calls },
  { name: 'failures', kind: 'number', read: ({ failures }) => failures },
  { name: 'slow_calls', kind: 'number', description: 'They took as long as the service calls slow', read: ({ slow_calls: slow }) => slow },
  { name: 'rejected', kind: 'number', read: ({ rejected }) => rejected },
  { name: 'retry_at', kind: 'time', read: (row) => at(row.retry_at) },
  { name: 'instances', kind: 'number', read: ({ instances }) => instances.length },
]

export const hourFields: readonly FieldSpec<HourBucket>[] = [
  { name: 'time', kind: 'time', read: ({ hour }) => at(hour) },
  { name: 'total', kind: 'number', read: ({ total }) => total },
  { name: 'completed', kind: 'number', read: ({ completed }) => completed },
  { name: 'failed', kind: 'number', read: ({ failed }) => failed },
  { name: 'cancelled', kind: 'number', read: ({ cancelled }) => cancelled },
  { name: 'success_rate', kind: 'number', unit: 'percentunit', read: (row) => row.success_rate },
  { name: 'average_duration_seconds', kind: 'number', unit: 's', read: (row) => row.average_duration_seconds },
  { name: 'p95_duration_seconds', kind: 'number', unit: 's', read: (row) => row.p95_duration_seconds },
]

/** One frame a stage; the stage is its name and its label. */
export const trendFields: readonly FieldSpec<TrendBucket>[] = [
  { name: 'time', kind: 'time', read: ({ from }) => at(from) },
  { name: 'total', kind: 'number', read: ({ total }) => total },
  { name: 'failed', kind: 'number', read: ({ failed }) => failed },
  { name: 'retries', kind: 'number', read: ({ retries }) => retries },
  { name: 'success_rate', kind: 'number', unit: 'percentunit', read: (row) => row.success_rate },
  { name: 'p50_duration_seconds', kind: 'number', unit: 's', read: (row) => row.p50_duration_seconds },
  { name: 'p95_duration_seconds', kind: 'number', unit: 's', read: (row) => row.p95_duration_seconds },
  { name: 'p99_duration_seconds', kind: 'number', unit: 's', read: (row) => row.p99_duration_seconds },
]

export const stageFields: readonly FieldSpec<StageDetail>[] = [
  { name: 'order', kind: 'number', read: ({ order }) => order },
  { name: 'stage', kind: 'string', read: ({ name }) => name },
  { name: 'status', kind: 'string', read: ({ status }) => status },
  { name: 'started_at', kind: 'time', read: (row) => at(row.started_at) },
  { name: 'completed_at', kind: 'time', read: (row) => at(row.completed_at) },
  { name: 'duration_seconds', kind: 'number', unit: 's', read: (row) => row.duration_seconds },
  { name: 'expected_duration_seconds', kind: 'number', unit: 's', read: (row) => row.expected_duration_seconds },
  { name: 'retry_count', kind: 'number', read: (row) => row.retry_count },
  { name: 'error_message', kind: 'string', read: (row) => row.error_message },
]

/** Named as Grafana's log frames are. */
export const eventFields: readonly FieldSpec<RequestEvent>[] = [
  { name: 'timestamp', kind: 'time', read: (row) => at(row.created_at) },
  { name: 'body', kind: 'string', read: (row) => row.event_message ?? row.event_type },
  { name: 'severity', kind: 'string', read: ({ severity }) => severity },
  { name: 'id', kind: 'string', read: ({ id }) => id },
  { name: 'labels', kind: 'other', read: (row) => ({ type: row.event_type, stage: row.stage_name ?? '', service: row.source_service ?? '' }) },
]

/** Named as Grafana's trace frames are: durations here are in ms, as its trace view wants them. */
export const spanFields: readonly FieldSpec<RequestSpan & { trace_id: string }>[] = [
  { name: 'traceID', kind: 'string', read: (row) => row.trace_id },
  { name: 'spanID', kind: 'string', read: (row) => row.span_id },
  { name: 'parentSpanID', kind: 'string', read: (row) => row.parent_span_id },
  { name: 'operationName', kind: 'string', read: ({ name }) => name },
  { name: 'serviceName', kind: 'string', read: (row) => row.source_service ?? 'unknown' },
  { name: 'startTime', kind: 'number', read: (row) => at(row.started_at) },
  { name: 'duration', kind: 'number', unit: 'ms', read: (row) => (row.duration_seconds ?? 0) * 1000 },
  { name: 'statusCode', kind: 'number', read: (row) => row.status_code },
  { name: 'statusMessage', kind: 'string', read: (row) => row.status_message },
  { name: 'tags', kind: 'other', read: (row) => Object.entries(row.attributes ?? {}).map(([key, value]) => ({ key, value })) },
]

/** Named as Grafana's annotation events are. */
export const breakerChangeFields: readonly FieldSpec<BreakerChange>[] = [
  { name: 'time', kind: 'time', read: (row) => at(row.changed_at) },
  { name: 'title', kind: 'string', read: ({ name, state }) => `${name} is ${state.replace('_', ' ')}` },
  { name: 'text', kind: 'string', read: (row) => `in ${row.service} (${row.instance_id})${row.previous_state ? `, was ${row.previous_state.replace('_', ' ')}` : ''}` },
  { name: 'tags', kind: 'other', read: ({ name, state }) => ['circuit breaker', name, state] },
]

/** Named as Grafana's annotation events are. */
export const deploymentFields: readonly FieldSpec<Deployment>[] = [
  { name: 'time', kind: 'time', description: 'When the tracker first heard of the version', read: (row) => at(row.first_seen_at) },
  { name: 'title', kind: 'string', read: ({ service, version }) => `${service} ${version}` },
  { name: 'text', kind: 'string', read: () => 'first heard of' },
  { name: 'tags', kind: 'other', read: ({ service }) => ['deploy', service] },
  { name: 'service', kind: 'string', read: ({ service }) => service },
  { name: 'version', kind: 'string', read: ({ version }) => version },
  { name: 'last_seen', kind: 'time', description: 'To an hour', read: (row) => at(row.last_seen_at) },
]

function toSeconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000
}
