import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RegistryContentType } from 'prom-client'
import {
  METRIC_HTTP_DURATION,
  METRIC_INGEST_ACCEPTED,
  METRIC_INGEST_BYTES,
  METRIC_INGEST_DURATION,
  METRIC_INGEST_METRICS_DROPPED,
  METRIC_INGEST_REDACTED,
  METRIC_INGEST_REFUSED,
  METRIC_INGEST_REPEATED,
  METRIC_INGEST_REQUESTS,
  METRIC_STREAM_DELAY,
  METRIC_TRACKER_INFO,
} from './metricNames.ts'

export type Metrics = ReturnType<typeof createMetrics>

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The metrics of one app, in a registry of its own, so that several can run in one process. */
export function createMetrics() {
  const registry: Registry<RegistryContentType> = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const registers = [registry]
  return {
    registry,
    ingestAccepted: new Counter({
      name: METRIC_INGEST_ACCEPTED,
      help: 'Records stored, by signal',
      labelNames: ['signal'],
      registers,
    }),
    ingestRefused: new Counter({
      name: METRIC_INGEST_REFUSED,
      help: 'Records refused and kept as dead letters, by signal and reason',
      labelNames: ['signal', 'reason'],
      registers,
    }),
    ingestRepeated: new Counter({
      name: METRIC_INGEST_REPEATED,
      help: 'Of the records stored, those that this replica had stored shortly before, by signal',
      labelNames: ['signal'],
      registers,
    }),
    ingestRequests: new Counter({
      name: METRIC_INGEST_REQUESTS,
      help: 'Answers to senders, by path and HTTP status',
      labelNames: ['path', 'status'],
      registers,
    }),
    ingestBytes: new Counter({
      name: METRIC_INGEST_BYTES,
      help: 'Bytes of request bodies after inflating, by path',
      labelNames: ['path'],
      registers,
    }),
    ingestMetricsDropped: new Counter({
      name: METRIC_INGEST_METRICS_DROPPED,
      help: 'Requests with metrics, which are taken and dropped',
      registers,
    }),
    ingestRedacted: new Counter({
      name: METRIC_INGEST_REDACTED,
      help: 'Values that the redaction rules left out or masked, by kind of rule',
      labelNames: ['by'],
      registers,
    }),
    ingestDuration: new Histogram({
      name: METRIC_INGEST_DURATION,
      help: 'Seconds from the head of a request to its answer, the commit included, by path',
      labelNames: ['path'],
      buckets: durationBuckets,
      registers,
    }),
    streamDelay: new Histogram({
      name: METRIC_STREAM_DELAY,
      help: 'Seconds from the commit of what this replica was sent to when its streams are told',
      buckets: durationBuckets,
      registers,
    }),
    trackerInfo: new Gauge({
      name: METRIC_TRACKER_INFO,
      help: 'Always 1; where people open the page',
      labelNames: ['public_url'],
      registers,
    }),
    httpDuration: new Histogram({
      name: METRIC_HTTP_DURATION,
      help: 'Seconds until the head of the answer, by route, method and status',
      labelNames: ['route', 'method', 'status'],
      buckets: durationBuckets,
      registers,
    }),
  }
}
