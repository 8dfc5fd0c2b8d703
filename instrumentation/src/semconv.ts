/**
 * Semantic conventions of request tracking: every attribute and event name that travels on the wire.
 *
 * Names that OpenTelemetry already defines are used as they are and only repeated here; our own all
 * stand under `vividly.`. `docs/tracking-convention.md` explains each with an example.
 * This file is the one owner of these names and imports nothing.
 */

/** The namespace of every attribute and event of ours; a foreign trace is tracked where it carries one. */
export const VIVIDLY_NAMESPACE = 'vividly.'

// Who asks for what: on `vividly.request.created` and on the root span.
export const ATTR_PIPELINE_NAME = 'vividly.pipeline.name'
export const ATTR_ORGANIZATION_ID = 'vividly.organization.id'
/** OpenTelemetry's own name; for us the student. */
export const ATTR_USER_ID = 'user.id'
export const ATTR_USER_FULL_NAME = 'user.full_name'
export const ATTR_REQUEST_TOPIC = 'vividly.request.topic'
export const ATTR_REQUEST_LEARNING_OBJECTIVE = 'vividly.request.learning_objective'

// The result: on `vividly.request.completed` and on the root span.
export const ATTR_REQUEST_VIDEO_URL = 'vividly.request.video_url'
export const ATTR_REQUEST_THUMBNAIL_URL = 'vividly.request.thumbnail_url'
export const ATTR_REQUEST_SCRIPT_TEXT = 'vividly.request.script_text'
/** `completed`, `failed` or `cancelled`, on the root span, where the span status alone can't say it. */
export const ATTR_REQUEST_STATUS = 'vividly.request.status'

// Which stage, which try: on the stage span and on every stage event.
export const ATTR_STAGE_NAME = 'vividly.stage.name'
/** Integer from 1; absent means 1. A retry record carries the attempt that failed. */
export const ATTR_STAGE_ATTEMPT = 'vividly.stage.attempt'
/** Integer, max_retries + 1; absent means the pipeline definition's (4 by default). */
export const ATTR_STAGE_MAX_ATTEMPTS = 'vividly.stage.max_attempts'
/** `completed`, `failed` or `skipped`, on the stage span, where the span status alone can't say it. */
export const ATTR_STAGE_STATUS = 'vividly.stage.status'
/** A map on records; on spans, whose attributes hold no maps, its JSON text. */
export const ATTR_STAGE_OUTPUT = 'vividly.stage.output'
/** 0 to 1. */
export const ATTR_STAGE_PROGRESS_RATIO = 'vividly.stage.progress.ratio'
export const ATTR_STAGE_PROGRESS_MESSAGE = 'vividly.stage.progress.message'
/**
 * Integer, on heartbeats: the longest delay of the process's event loop in the last ten seconds. Thousands mean that
 * the process itself was blocked; next to nothing, that it waits for somebody else.
 */
export const ATTR_PROCESS_EVENT_LOOP_LAG_MS = 'vividly.process.event_loop_lag_ms'

/** Integer, milliseconds until the next try. */
export const ATTR_RETRY_DELAY_MS = 'vividly.retry.delay_ms'
export const ATTR_RETRY_REASON = 'vividly.retry.reason'

export const ATTR_CIRCUIT_BREAKER_NAME = 'vividly.circuit_breaker.name'
/** One of {@link CIRCUIT_BREAKER_STATES}. */
export const ATTR_CIRCUIT_BREAKER_STATE = 'vividly.circuit_breaker.state'
export const ATTR_CIRCUIT_BREAKER_PREVIOUS_STATE = 'vividly.circuit_breaker.previous_state'
/** Integers, cumulative since the process started. */
export const ATTR_CIRCUIT_BREAKER_CALLS = 'vividly.circuit_breaker.calls'
export const ATTR_CIRCUIT_BREAKER_FAILURES = 'vividly.circuit_breaker.failures'
export const ATTR_CIRCUIT_BREAKER_REJECTED = 'vividly.circuit_breaker.rejected'
export const ATTR_CIRCUIT_BREAKER_SLOW_CALLS = 'vividly.circuit_breaker.slow_calls'
/** ISO 8601: when an open breaker lets the next call through. */
export const ATTR_CIRCUIT_BREAKER_RETRY_AT = 'vividly.circuit_breaker.retry_at'

// On `vividly.telemetry.gap`: what a service could not deliver, of the request that the record belongs to.
/** Integers. */
export const ATTR_LOST_RECORDS = 'vividly.telemetry.lost_records'
export const ATTR_LOST_SPANS = 'vividly.telemetry.lost_spans'
/** A list, as `memory_full`, `spool_full`, `refused`. */
export const ATTR_LOST_REASONS = 'vividly.telemetry.lost_reasons'
/** ISO 8601: when the first and the last of it happened. */
export const ATTR_LOST_FROM = 'vividly.telemetry.lost_from'
export const ATTR_LOST_TO = 'vividly.telemetry.lost_to'

/** Identity of a log record, where it has one. */
export const ATTR_LOG_RECORD_UID = 'log.record.uid'
export const ATTR_ERROR_TYPE = 'error.type'
export const ATTR_EXCEPTION_TYPE = 'exception.type'
export const ATTR_EXCEPTION_MESSAGE = 'exception.message'
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace'
export const ATTR_SERVICE_NAME = 'service.name'
export const ATTR_SERVICE_VERSION = 'service.version'
export const ATTR_SERVICE_INSTANCE_ID = 'service.instance.id'
export const ATTR_HOST_NAME = 'host.name'
/** OpenTelemetry's name for a message's correlation ID. */
export const ATTR_MESSAGING_CONVERSATION_ID = 'messaging.message.conversation_id'

export const EVENT_REQUEST_CREATED = 'vividly.request.created'
export const EVENT_REQUEST_STARTED = 'vividly.request.started'
export const EVENT_REQUEST_COMPLETED = 'vividly.request.completed'
export const EVENT_REQUEST_FAILED = 'vividly.request.failed'
export const EVENT_REQUEST_CANCELLED = 'vividly.request.cancelled'
export const EVENT_STAGE_STARTED = 'vividly.stage.started'
export const EVENT_STAGE_HEARTBEAT = 'vividly.stage.heartbeat'
export const EVENT_STAGE_COMPLETED = 'vividly.stage.completed'
export const EVENT_STAGE_FAILED = 'vividly.stage.failed'
export const EVENT_STAGE_SKIPPED = 'vividly.stage.skipped'
export const EVENT_RETRY = 'vividly.retry'
export const EVENT_CIRCUIT_BREAKER_STATE_CHANGED = 'vividly.circuit_breaker.state_changed'
export const EVENT_CIRCUIT_BREAKER_STATUS = 'vividly.circuit_breaker.status'
export const EVENT_TELEMETRY_GAP = 'vividly.telemetry.gap'
// Inside a tracked trace any event name is kept; these are the seed's.
export const EVENT_API_CALL = 'vividly.api_call'
export const EVENT_CACHE_HIT = 'vividly.cache_hit'
export const EVENT_VALIDATION_PASSED = 'vividly.validation_passed'
export const EVENT_NOTIFICATION_SENT = 'vividly.notification_sent'
export const EVENT_PERFORMANCE = 'vividly.performance'

export const CIRCUIT_BREAKER_STATES = ['closed', 'open', 'half_open'] as const
export type CircuitBreakerState = (typeof CIRCUIT_BREAKER_STATES)[number]

export const STAGE_OUTCOMES = ['completed', 'failed', 'skipped'] as const
export type StageOutcome = (typeof STAGE_OUTCOMES)[number]

export const REQUEST_OUTCOMES = ['completed', 'failed', 'cancelled'] as const
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number]

export const DEFAULT_PIPELINE = 'content_generation'
/** Stages of {@link DEFAULT_PIPELINE} in their order. */
export const DEFAULT_STAGES = [
  'validation',
  'rag_retrieval',
  'script_generation',
  'video_generation',
  'video_processing',
  'notification',
] as const
export type DefaultStage = (typeof DEFAULT_STAGES)[number]
export const DEFAULT_MAX_ATTEMPTS = 4
