/** The tracker's own metrics, by name: the one owner of these names. No label's value ever comes from input. */

/** Counter, labels signal (span, log_record): records that were stored. */
export const METRIC_INGEST_ACCEPTED = 'vividly_ingest_accepted_records_total'
/** Counter, labels signal and reason: records that were refused and kept as dead letters. */
export const METRIC_INGEST_REFUSED = 'vividly_ingest_refused_records_total'
/** Counter, labels path and status: what senders were answered. */
export const METRIC_INGEST_REQUESTS = 'vividly_ingest_requests_total'
/** Counter, label path: bytes of request bodies after inflating. */
export const METRIC_INGEST_BYTES = 'vividly_ingest_body_bytes_total'
/** Counter: bodies of `/v1/metrics`, which the tracker takes and drops. */
export const METRIC_INGEST_METRICS_DROPPED = 'vividly_ingest_metrics_requests_dropped_total'
/** Histogram, label path: seconds from the first byte to the answer, the commit included. */
export const METRIC_INGEST_DURATION = 'vividly_ingest_duration_seconds'
/** Histogram, labels route, method and status: seconds until the answer's head; streams go on after it. */
export const METRIC_HTTP_DURATION = 'vividly_http_request_duration_seconds'
