import { traceIdOf } from '@vividly/instrumentation/identity'
import type postgres from 'postgres'
import type { Attributes, LogSignal, SpanSignal } from '../signal.ts'
import { callRecordSignals } from '../store/callRecordSignals.ts'

/** A request of ours as its services tell it, a signal at a time. */
export type Story = {
  correlationId: string
  traceId: string
  requestId: string
  startMs: number
  /** A log record `afterMs` after the request's creation. */
  log: (eventName: string, afterMs: number, attributes?: Attributes, more?: Partial<LogSignal>) => LogSignal
  span: (spanId: string, fromMs: number, toMs: number, attributes?: Attributes, more?: Partial<SpanSignal>) => SpanSignal
}

const source = { service: 'script-worker', host: 'host-1', instance: 'instance-1' }
let drawn = 0

/** Begins a story; each has an ID of its own, whatever its time. */
export function beginStory(startMs: number): Story {
  drawn += 1
  const correlationId = `vvd_${String(startMs).padStart(13, '0')}_${drawn.toString(16).padStart(8, '0')}`
  const traceId = traceIdOf(correlationId)
  return {
    correlationId,
    traceId,
    requestId: traceId.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    startMs,
    log: (eventName, afterMs, attributes = {}, more = {}) => ({
      trace_id: traceId,
      span_id: null,
      event_name: eventName,
      message: null,
      severity: 'info',
      time_us: (startMs + afterMs) * 1000,
      uid: null,
      attributes,
      ...source,
      ...more,
    }),
    span: (spanId, fromMs, toMs, attributes = {}, more = {}) => ({
      trace_id: traceId,
      span_id: spanId,
      parent_span_id: traceId.slice(16),
      name: 'work',
      kind: 0,
      started_us: (startMs + fromMs) * 1000,
      ended_us: (startMs + toMs) * 1000,
      status_code: 0,
      status_message: null,
      attributes,
      exception: null,
      scope: 'test',
      ...source,
      ...more,
    }),
  }
}

/** Stores signals as ingest does: in one statement. */
export async function tell(sql: postgres.ISql, logs: LogSignal[], spans: SpanSignal[] = []): Promise<void> {
  await callRecordSignals({ run: async (_doing, query) => query(sql as postgres.Sql) }, { spans, logs, refusals: [] })
}

/** Three stages done, the video running: what the tracker's documentation shows. */
export function exampleLogs(story: Story, attributes: Attributes = {}): LogSignal[] {
  const stage = (name: string) => ({ 'vividly.stage.name': name })
  return [
    story.log('vividly.request.created', 0, {
      'vividly.request.topic': 'Photosynthesis in Plants',
      'vividly.request.learning_objective': 'Understand the process of photosynthesis',
      'vividly.organization.id': 'north',
      'user.id': 'student-1',
      'user.full_name': 'Jane Doe',
      ...attributes,
    }),
    story.log('vividly.request.started', 2_000),
    story.log('vividly.stage.started', 2_000, stage('validation')),
    story.log('vividly.stage.completed', 3_200, stage('validation')),
    story.log('vividly.stage.started', 3_300, stage('rag_retrieval')),
    story.log('vividly.stage.completed', 11_800, { ...stage('rag_retrieval'), 'vividly.stage.output': { chunks: 5 } }),
    story.log('vividly.stage.started', 12_000, stage('script_generation')),
    story.log('vividly.stage.completed', 40_300, stage('script_generation')),
    story.log('vividly.stage.started', 40_400, stage('video_generation')),
    story.log('vividly.stage.heartbeat', 60_000, {
      ...stage('video_generation'),
      'vividly.stage.progress.ratio': 0.4,
      'vividly.stage.progress.message': 'rendering scene 2 of 5',
    }),
  ]
}
