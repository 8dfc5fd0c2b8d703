/** The canary's metrics, by name: their one owner. */

/** Counter, label result (seen, lost). */
export const METRIC_CANARY_REQUESTS = 'vividly_canary_requests_total'
/** Histogram: seconds from telling a request by OTLP to hearing of it on the live stream. */
export const METRIC_CANARY_ROUND_TRIP = 'vividly_canary_round_trip_seconds'
/** Gauge: Unix seconds. */
export const METRIC_CANARY_SEEN_AT = 'vividly_canary_seen_timestamp_seconds'
