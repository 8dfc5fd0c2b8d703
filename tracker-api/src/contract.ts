/**
 * The HTTP and SSE shapes under `/api/v1/monitoring`, declared once: schemas validate, types are inferred.
 *
 * All keys are snake_case, times ISO 8601 in UTC, durations seconds, ratios 0 to 1, unknown or empty is null.
 * Clients import the types (`import type`), which costs them nothing at run time.
 */
import { z } from 'zod'

export const API_BASE = '/api/v1/monitoring'

export const REQUEST_STATUSES = [
  'pending',
  'validating',
  'retrieving',
  'generating_script',
  'generating_video',
  'processing_video',
  'notifying',
  'completed',
  'failed',
  'cancelled',
] as const
/** A request in one of these has ended. */
export const TERMINAL_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly RequestStatus[]
export const STAGE_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'skipped'] as const
export const EVENT_SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
export const BREAKER_STATES = ['closed', 'half_open', 'open'] as const

export const requestStatus = z.enum(REQUEST_STATUSES)
export const stageStatus = z.enum(STAGE_STATUSES)
export const eventSeverity = z.enum(EVENT_SEVERITIES)
export const breakerState = z.enum(BREAKER_STATES)
export type RequestStatus = z.infer<typeof requestStatus>
export type StageStatus = z.infer<typeof stageStatus>
export type EventSeverity = z.infer<typeof eventSeverity>
export type BreakerState = z.infer<typeof breakerState>

export const time = z.iso.datetime({ offset: false })
export const seconds = z.number().nonnegative()
export const ratio = z.number().min(0).max(1)
export const count = z.number().int().nonnegative()
const json = z.unknown()
/** `<epoch>.<xmin>`: where the change feed stood when this answer was read. Opaque to clients. */
const streamCursor = z.string()

const requestFields = {
  /** The trace ID in the form of a UUID, without a UUID version. */
  id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  correlation_id: z.string(),
  /** 32 lower-case hex digits. */
  trace_id: z.string(),
  pipeline_name: z.string(),
  organization_id: z.string().nullable(),
  student_id: z.string().nullable(),
  student_name: z.string().nullable(),
  topic: z.string().nullable(),
  learning_objective: z.string().nullable(),
  status: requestStatus,
  current_stage: z.string().nullable(),
  progress_percentage: z.number().int().min(0).max(100),
  created_at: time,
  started_at: time.nullable(),
  completed_at: time.nullable(),
  failed_at: time.nullable(),
  cancelled_at: time.nullable(),
  video_url: z.string().nullable(),
  script_text: z.string().nullable(),
  thumbnail_url: z.string().nullable(),
  error_message: z.string().nullable(),
  error_stage: z.string().nullable(),
  error_details: json,
  retry_count: z.number().int().nonnegative(),
  total_duration_seconds: seconds.nullable(),
  /** From creation to the end, or to the server's now while it runs. */
  elapsed_seconds: seconds,
  /** What of its stages is done, weighed by the time each usually takes; null where no stage is known. */
  time_progress_ratio: ratio.nullable(),
  /**
   * When it ends if stages take what they took in the last seven days: their 5th percentile, median and 95th. Null
   * where that is unknown: it has ended, a stage is too rare or has run for longer, or no next try is due.
   */
  expected_end: z.object({ earliest: time, likely: time, latest: time }).nullable(),
  /** As `condition` of the list judges, when this was read: no change tells that time passed. */
  is_late: z.boolean(),
  is_stalled: z.boolean(),
  is_retrying: z.boolean(),
  /** +1 with every change; apply a state only if its version is higher than the one shown. */
  version: z.number().int().positive(),
}

/** A request in a list and in the stream's `request` frame. */
export const requestRow = z.object({
  ...requestFields,
  stages: z.array(z.object({ name: z.string(), status: stageStatus })),
})
export type RequestRow = z.infer<typeof requestRow>

export const stageDetail = z.object({
  name: z.string(),
  /** From 1; stages that the pipeline's definitions don't know come behind the known ones. */
  order: z.number().int(),
  status: stageStatus,
  started_at: time.nullable(),
  completed_at: time.nullable(),
  duration_seconds: seconds.nullable(),
  retry_count: z.number().int().nonnegative(),
  max_retries: z.number().int().nonnegative(),
  error_message: z.string().nullable(),
  error_details: json,
  output_data: json,
  /** The definition's normal duration. */
  expected_duration_seconds: seconds.nullable(),
  /** When the next try is due, while a failed one waits for it. */
  next_attempt_at: time.nullable(),
  /** From the latest heartbeat. */
  progress_ratio: ratio.nullable(),
  progress_message: z.string().nullable(),
})
export type StageDetail = z.infer<typeof stageDetail>

export const requestDetail = z.object({
  ...requestFields,
  stages: z.array(stageDetail),
  /** What a reader should know before trusting the rest, e.g. a stage outside the pipeline's definitions, or a gap. */
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  /** Where else there is more about it, if the tracker's environment says where; null where it doesn't. */
  links: z.object({ trace: z.string().nullable(), logs: z.string().nullable() }),
  stream_cursor: streamCursor,
})
export type RequestDetail = z.infer<typeof requestDetail>

export const requestList = z.object({
  items: z.array(requestRow),
  next_cursor: z.string().nullable(),
  stream_cursor: streamCursor,
})
export type RequestList = z.infer<typeof requestList>

export const requestEvent = z.object({
  id: z.string(),
  event_type: z.string(),
  event_message: z.string().nullable(),
  severity: eventSeverity,
  stage_name: z.string().nullable(),
  created_at: time,
  event_data: json,
  source_service: z.string().nullable(),
  source_host: z.string().nullable(),
})
export type RequestEvent = z.infer<typeof requestEvent>

/** Oldest first. */
export const requestEventList = z.object({ items: z.array(requestEvent), next_cursor: z.string().nullable() })
export type RequestEventList = z.infer<typeof requestEventList>

export const requestSpan = z.object({
  /** 16 lower-case hex digits, like the parent's. */
  span_id: z.string(),
  parent_span_id: z.string().nullable(),
  name: z.string(),
  /** The nearest stage that the span lies in. */
  stage_name: z.string().nullable(),
  /** OTLP SpanKind, 0 to 5, and StatusCode: 0 unset, 1 ok, 2 error. */
  kind: z.number().int(),
  status_code: z.number().int(),
  status_message: z.string().nullable(),
  started_at: time,
  ended_at: time,
  /** To the microsecond; null where the clocks contradict each other. */
  duration_seconds: seconds.nullable(),
  attributes: json,
  source_service: z.string().nullable(),
  source_host: z.string().nullable(),
})
export type RequestSpan = z.infer<typeof requestSpan>

/** By start; `truncated` when there are more than 5,000. A span arrives only when it has ended. */
export const requestSpanList = z.object({ items: z.array(requestSpan), truncated: z.boolean() })
export type RequestSpanList = z.infer<typeof requestSpanList>

export const dashboardStats = z.object({
  /** Not ended, pending included. */
  active: z.number().int(),
  pending: z.number().int(),
  completed_today: z.number().int(),
  failed_today: z.number().int(),
  /** completed / (completed + failed) of today; null while none has ended. */
  success_rate: ratio.nullable(),
  /** Of the requests completed today, creation to completion. */
  average_duration_seconds: seconds.nullable(),
  timezone: z.string(),
})
export const dashboard = dashboardStats.extend({ stream_cursor: streamCursor })
export type Dashboard = z.infer<typeof dashboard>

/** Requests are counted in the hour in which they were created. */
export const metricsBucket = z.object({
  hour: time,
  total: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
  success_rate: ratio.nullable(),
  average_duration_seconds: seconds.nullable(),
  p95_duration_seconds: seconds.nullable(),
  stages: z.array(
    z.object({
      name: z.string(),
      completed: z.number().int(),
      failed: z.number().int(),
      retries: z.number().int(),
      average_duration_seconds: seconds.nullable(),
      p95_duration_seconds: seconds.nullable(),
    }),
  ),
})
export const metrics = z.object({ buckets: z.array(metricsBucket) })
export type Metrics = z.infer<typeof metrics>

const breakerFigures = {
  state: breakerState,
  calls: z.number().int(),
  failures: z.number().int(),
  /** Of the calls, failed or not: those that took as long as the service calls slow. */
  slow_calls: z.number().int(),
  rejected: z.number().int(),
  /** When the state shown began. */
  since: time,
  /** When an open breaker lets the next call through. */
  retry_at: time.nullable(),
}
/** State of the worst living instance, counts of all; an instance silent for 30 s is dropped. */
export const circuitBreaker = z.object({
  name: z.string(),
  ...breakerFigures,
  instances: z.array(z.object({ service: z.string(), instance_id: z.string(), ...breakerFigures, updated_at: time })),
})
export const circuitBreakers = z.object({ items: z.array(circuitBreaker) })
export type CircuitBreaker = z.infer<typeof circuitBreaker>
export type CircuitBreakers = z.infer<typeof circuitBreakers>

/** RFC 9457, `application/problem+json`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** Names this one answer in the tracker's log. */
  instance: z.string().optional(),
})
export type Problem = z.infer<typeof problem>

/**
 * Frames of `GET /stream` by SSE event name; each is one `data:` line of JSON, and all but `stats` carry the
 * cursor as their `id:`. Frames are states, not differences: repeating one is harmless.
 */
export const streamFrames = {
  hello: z.object({ epoch: z.string(), cursor: streamCursor, now: time, heartbeat_ms: z.number().int() }),
  request: z.object({ row: requestRow, version: z.number().int() }),
  /** Deleted, erased, or no longer matching the filter. */
  remove: z.object({ id: z.string(), version: z.number().int() }),
  circuit_breaker: z.object({ row: circuitBreaker, version: z.number().int() }),
  stats: dashboardStats,
  heartbeat: z.object({
    cursor: streamCursor,
    now: time,
    lag_ms: z.number(),
    /** Requests that match the filter and have not ended, once all frames before this one are applied. */
    inflight_count: z.number().int(),
    /**
     * Of those, in decimal: the sum, modulo 2^64, of (the last 16 hex digits of the ID as a number, its lowest bit
     * set) × version. A client that has another one has missed something: it reads a fresh snapshot.
     */
    inflight_digest: z.string(),
  }),
  /** The client's state can't be brought up to date by changes: read a fresh snapshot. */
  reset: z.object({ reason: z.enum(['epoch', 'too_old', 'overflow', 'filter', 'no_cursor']) }),
  bye: z.object({ reason: z.enum(['drain', 'expired', 'max_age']), retry_ms: z.number().int() }),
} as const
export type StreamFrames = { [K in keyof typeof streamFrames]: z.infer<(typeof streamFrames)[K]> }
