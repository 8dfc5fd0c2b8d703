/**
 * Signals: what OTLP carried, flattened. What they say is read in `store/folding`.
 *
 * Glossary:
 * - span signal: a span that has ended. It is the root, a stage or anything else; `trackedSpan` tells which.
 * - log signal: a log record with an event name, or a span event turned into one.
 * - refusal: a record that could not become a signal; it goes to `dead_letters` with its reason.
 *
 * Keys are snake_case because dead letters keep signals as they are, and people read those in SQL. Strings hold
 * neither NUL nor lone surrogates; times are whole microseconds since the Unix epoch (Postgres keeps no finer), from
 * 0 to 2^53.
 */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type Attributes = { [key: string]: Json }

export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

type Source = {
  /** Resource `service.name`. */
  service: string | null
  /** Resource `host.name`. */
  host: string | null
  /** Resource `service.instance.id`. */
  instance: string | null
}

export type SpanSignal = Source & {
  /** 32 lower-case hex digits, not all zero. */
  trace_id: string
  /** 16 lower-case hex digits, not all zero. */
  span_id: string
  parent_span_id: string | null
  name: string
  /** OTLP SpanKind, 0 to 5. */
  kind: number
  started_us: number
  ended_us: number
  /** OTLP StatusCode: 0 unset, 1 ok, 2 error. */
  status_code: number
  status_message: string | null
  /** The span's own; resource attributes are not repeated but for the source's three. */
  attributes: Attributes
  /** Attributes of the span's last event named `exception`. */
  exception: Attributes | null
  /** Instrumentation scope. */
  scope: string | null
}

export type LogSignal = Source & {
  trace_id: string | null
  span_id: string | null
  /** As sent, with its `vividly.`; `exception` or `log` where a record has no event name. */
  event_name: string
  /** The body as text. */
  message: string | null
  severity: Severity
  time_us: number
  /** `log.record.uid`. */
  uid: string | null
  attributes: Attributes
}

export const SIGNAL_KINDS = ['span', 'log_record'] as const
export type SignalKind = (typeof SIGNAL_KINDS)[number]

export type Refusal = {
  signal: SignalKind
  /** A stable code: `bad_trace_id`, `bad_time`, `too_deep`, `too_old`, `too_far_ahead`, … */
  reason: string
  /** What was wrong, for a person; never longer than 200 characters. */
  detail: string
  /** The record as far as it could be read. */
  payload: Json
}

/** Resource `service.name` and `service.version`. */
export type ServiceVersion = { service: string; version: string }

export type SignalBatch = {
  spans: SpanSignal[]
  logs: LogSignal[]
  refusals: Refusal[]
  /** Of the resources that named both. */
  versions?: ServiceVersion[]
}
