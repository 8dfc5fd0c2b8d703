/** The tracker's own metrics, by name: the one owner of these names. No label's value ever comes from input. */

/** Counter, labels signal (span, log_record): records that were stored. */
export const METRIC_INGEST_ACCEPTED = 'vividly_ingest_accepted_records_total'
/** Counter, labels signal and reason: records that were refused and kept as dead letters. */
export const METRIC_INGEST_REFUSED = 'vividly_ingest_refused_records_total'
/** Counter, label signal: of the records stored, those that this replica had stored shortly before. */
export const METRIC_INGEST_REPEATED = 'vividly_ingest_repeated_records_total'
/** Counter, labels path and status: what senders were answered. */
export const METRIC_INGEST_REQUESTS = 'vividly_ingest_requests_total'
/** Counter, label path: bytes of request bodies after inflating. */
export const METRIC_INGEST_BYTES = 'vividly_ingest_body_bytes_total'
/** Counter: bodies of `/v1/metrics`, which the tracker takes and drops. */
export const METRIC_INGEST_METRICS_DROPPED = 'vividly_ingest_metrics_requests_dropped_total'
/** Counter, label by (key, text): values that the redaction rules left out or masked. */
export const METRIC_INGEST_REDACTED = 'vividly_ingest_redacted_values_total'
/** Histogram, label path: seconds from the first byte to the answer, the commit included. */
export const METRIC_INGEST_DURATION = 'vividly_ingest_duration_seconds'
/** Histogram, labels route, method and status: seconds until the answer's head; streams go on after it. */
export const METRIC_HTTP_DURATION = 'vividly_http_request_duration_seconds'
/** Gauge: streams of server-sent events that are open at this replica. */
export const METRIC_STREAM_CLIENTS = 'vividly_stream_clients'
/** Histogram: seconds from the commit of what this replica was sent to when its streams are told. */
export const METRIC_STREAM_DELAY = 'vividly_stream_delay_seconds'

/** Gauge, always 1, label public_url: where people open the page, for links in alerts. */
export const METRIC_TRACKER_INFO = 'vividly_tracker_info'

// Of the whole cluster, read from the database at each scrape, the same on every replica: take `max`, not `sum`.

/** Gauge: 1 while the database answers; while it is 0 the others below are absent. */
export const METRIC_DATABASE_UP = 'vividly_database_up'
/** Counter, label pipeline. */
export const METRIC_REQUESTS_CREATED = 'vividly_requests_created_total'
/** Counter, labels pipeline and status (completed, failed, cancelled): when a request first ends. */
export const METRIC_REQUESTS = 'vividly_requests_total'
/**
 * Counter, labels pipeline, organization_class and status (created, completed, failed, cancelled). Classes are the rows of
 * `organization_classes`, `other` for organizations in none and `none` for requests of no organization.
 */
export const METRIC_CLASS_REQUESTS = 'vividly_organization_class_requests_total'
/** Histogram, labels as {@link METRIC_REQUESTS}: seconds from creation to end; exemplars carry `trace_id`. */
export const METRIC_REQUEST_DURATION = 'vividly_request_duration_seconds'
/** Counter, labels pipeline, stage and status (completed, failed, skipped): when a stage ends with no attempt due. */
export const METRIC_STAGES = 'vividly_stages_total'
/** Counter, labels pipeline and stage: attempts beyond the first. */
export const METRIC_STAGE_RETRIES = 'vividly_stage_retries_total'
/** Histogram, labels as {@link METRIC_STAGES}: seconds from start to end, retries included; exemplars carry `trace_id`. */
export const METRIC_STAGE_DURATION = 'vividly_stage_duration_seconds'
/** Gauge, labels pipeline and status (all but the ends). */
export const METRIC_ACTIVE_REQUESTS = 'vividly_active_requests'
/** Gauge, label pipeline: requests still pending. */
export const METRIC_QUEUE_DEPTH = 'vividly_queue_depth'
/** Gauge, labels pipeline and status: seconds since the oldest request under way was created. */
export const METRIC_OLDEST_REQUEST_AGE = 'vividly_oldest_request_age_seconds'
/** Gauge, labels pipeline and stage. */
export const METRIC_RUNNING_STAGES = 'vividly_running_stages'
/** Gauge, labels pipeline and stage: stages that wait for their next attempt. */
export const METRIC_RETRYING_STAGES = 'vividly_retrying_stages'
/** Gauge, label pipeline: requests whose stage takes more than twice its expected time. */
export const METRIC_LATE_REQUESTS = 'vividly_late_requests'
/** Gauge, label pipeline: requests of which nothing was heard for too long, with no retry due. */
export const METRIC_STALLED_REQUESTS = 'vividly_stalled_requests'
/**
 * Gauge, labels stage (`request`: whole requests) and quantile (0.05, 0.5, 0.95): seconds that it took in the last week,
 * of which the page makes the expected end. Absent for what fewer than twenty requests are known of.
 */
export const METRIC_USUAL_DURATION = 'vividly_usual_duration_seconds'
/** Gauge, labels pipeline and stage: seconds since the oldest of the running and retrying started. */
export const METRIC_STAGE_OLDEST_RUNNING = 'vividly_stage_oldest_running_seconds'
/** Gauge, labels name and state (closed, half_open, open): 1 for the state of the worst living instance. */
export const METRIC_BREAKER_STATE = 'vividly_circuit_breaker_state'
/** Gauge, labels name and kind (success, failure, rejected): of the living instances, since they started. */
export const METRIC_BREAKER_CALLS = 'vividly_circuit_breaker_calls'
/** Counter. */
export const METRIC_DEAD_LETTERS = 'vividly_dead_letters_total'
/** Gauge, label table: seconds for which partitions are made. */
export const METRIC_PARTITIONS_AHEAD = 'vividly_partitions_ahead_seconds'
/** Gauge. */
export const METRIC_DATABASE_BYTES = 'vividly_database_size_bytes'
