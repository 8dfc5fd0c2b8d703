import { Gauge } from 'prom-client'
import type { Registry, RegistryContentType } from 'prom-client'
import { METRIC_STREAM_CLIENTS } from './metricNames.ts'

/** Registers how many streams are open, as it is when Prometheus asks. */
export function countStreams(registry: Registry<RegistryContentType>, size: () => number): void {
  const open = new Gauge({
    name: METRIC_STREAM_CLIENTS,
    help: 'Streams of server-sent events that are open at this replica',
    registers: [],
    collect() {
      this.set(size())
    },
  })
  registry.registerMetric(open)
}
