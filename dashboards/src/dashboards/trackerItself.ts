import type { DashboardSpec } from './dashboard.ts'

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
    { kind: 'timeseries', title: 'Records taken', description: 'Stored, and refused by reason.', unit: 'cps', queries: { 'stored {{signal}}': 'sum by (signal) (rate(vividly_ingest_accepted_records_total[$__rate_interval]))', 'refused {{reason}}': 'sum by (reason) (rate(vividly_ingest_refused_records_total[$__rate_interval]))' } },
    { kind: 'timeseries', title: 'Ingest, p99', description: 'From the first byte to the answer, the commit included.', unit: 's', queries: { '{{path}}': 'histogram_quantile(0.99, sum by (path, le) (rate(vividly_ingest_duration_seconds_bucket[$__rate_interval])))' } },
    { kind: 'timeseries', title: 'Pages and API, p99', description: 'Until the head of the answer; streams go on after it.', unit: 's', queries: { '{{route}}': 'histogram_quantile(0.99, sum by (route, le) (rate(vividly_http_request_duration_seconds_bucket[$__rate_interval])))' } },
    { kind: 'timeseries', title: 'Collector’s queue', description: 'How full it is; a full one makes senders wait.', unit: 'percentunit', queries: { '{{exporter}} {{data_type}}': 'otelcol_exporter_queue_size / otelcol_exporter_queue_capacity' } },
  ],
}
