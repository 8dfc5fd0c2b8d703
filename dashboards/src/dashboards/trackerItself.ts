import type { DashboardSpec } from './dashboard.ts'

const streamDelay = (quantile: number) =>
  `histogram_quantile(${quantile}, sum by (le) (rate(vividly_stream_delay_seconds_bucket[$__rate_interval])))`

/** For whoever runs the tracker. Counters of a replica are summed, facts of the cluster are not. */
export const trackerItself: DashboardSpec = {
  uid: 'vividly-tracker',
  title: 'Tracker itself',
  description: 'Whether what services tell is taken, stored and passed on.',
  from: 'now-6h',
  panels: [
    { kind: 'stat', title: 'Database answers', description: '1 while at least one replica reaches Postgres.', unit: 'short', queries: { up: 'max(vividly_database_up)' } },
    { kind: 'stat', title: 'Database size', description: 'On disk.', unit: 'bytes', queries: { size: 'max(vividly_database_size_bytes)' } },
    { kind: 'stat', title: 'Dead letters', description: 'Records refused and kept, since the database was made.', unit: 'short', queries: { records: 'max(vividly_dead_letters_total)' } },
    { kind: 'stat', title: 'Partitions ahead', description: 'Time for which the scarcest table has partitions.', unit: 's', queries: { ahead: 'min(vividly_partitions_ahead_seconds)' } },
    { kind: 'timeseries', title: 'Records taken', description: 'Stored, refused by reason, and sent again by who had no answer.', unit: 'cps', queries: { 'stored {{signal}}': 'sum by (signal) (rate(vividly_ingest_accepted_records_total[$__rate_interval]))', 'refused {{reason}}': 'sum by (reason) (rate(vividly_ingest_refused_records_total[$__rate_interval]))', 'repeated {{signal}}': 'sum by (signal) (rate(vividly_ingest_repeated_records_total[$__rate_interval]))' } },
    { kind: 'timeseries', title: 'Ingest, p99', description: 'From the first byte to the answer, the commit included.', unit: 's', queries: { '{{path}}': 'histogram_quantile(0.99, sum by (path, le) (rate(vividly_ingest_duration_seconds_bucket[$__rate_interval])))' } },
    { kind: 'timeseries', title: 'Pages and API, p99', description: 'Until the head of the answer; streams go on after it.', unit: 's', queries: { '{{route}}': 'histogram_quantile(0.99, sum by (route, le) (rate(vividly_http_request_duration_seconds_bucket[$__rate_interval])))' } },
    { kind: 'timeseries', title: 'Open streams', description: 'Pages and panels that listen, by replica.', unit: 'short', queries: { '{{instance}}': 'vividly_stream_clients' } },
    { kind: 'timeseries', title: 'Stored to told', description: 'From the commit to when open streams are told.', unit: 's', queries: { p50: streamDelay(0.5), p99: streamDelay(0.99) } },
    { kind: 'timeseries', title: 'Canary', description: 'From telling a request as a service to hearing of it as a page, p95; and those lost.', unit: 's', requests: 'organization=canary', queries: { 'round trip': 'histogram_quantile(0.95, sum by (le) (rate(vividly_canary_round_trip_seconds_bucket[$__rate_interval])))', 'lost a second': 'sum(rate(vividly_canary_requests_total{result="lost"}[$__rate_interval]))' } },
    { kind: 'timeseries', title: 'Answers to senders', description: 'By HTTP status; 503 and 429 are tried again.', unit: 'reqps', queries: { '{{status}}': 'sum by (status) (rate(vividly_ingest_requests_total[$__rate_interval]))' } },
    { kind: 'timeseries', title: 'Redacted values', description: 'Left out or masked before they were stored, by kind of rule.', unit: 'cps', queries: { '{{by}}': 'sum by (by) (rate(vividly_ingest_redacted_values_total[$__rate_interval]))' } },
    { kind: 'timeseries', title: 'Stages by the Collector, p95', description: 'Its span metrics: of stages whose span has ended, by service.', unit: 's', exemplars: true, requests: 'stage=${__field.labels.vividly_stage_name}', queries: { '{{service_name}} {{vividly_stage_name}}': 'histogram_quantile(0.95, sum by (service_name, vividly_stage_name, le) (rate(vividly_span_duration_seconds_bucket[$__rate_interval])))' } },
    { kind: 'timeseries', title: 'Collector’s queue', description: 'How full it is; a full one makes senders wait.', unit: 'percentunit', queries: { '{{exporter}} {{data_type}}': 'otelcol_exporter_queue_size / otelcol_exporter_queue_capacity' } },
  ],
}
