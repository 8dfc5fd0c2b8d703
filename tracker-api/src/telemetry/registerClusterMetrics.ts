import type { Metric, Registry, RegistryContentType } from 'prom-client'
import { CLUSTER_METRICS } from './clusterMetrics.ts'
import type { ClusterFacts, Sample } from './clusterMetrics.ts'
import { keepFor } from './keepFor.ts'
import { METRIC_DATABASE_UP } from './metricNames.ts'

/** Of one scrape, which asks for every metric at nearly the same moment. */
const SAME_SCRAPE_MS = 1000

/** Reads {@link CLUSTER_METRICS} when Prometheus scrapes. Without the database they are absent and the scrape still works. */
export function registerClusterMetrics(registry: Registry<RegistryContentType>, readFacts: () => Promise<ClusterFacts>): void {
  const facts = keepFor(SAME_SCRAPE_MS, () => readFacts().catch(() => undefined))
  register(registry, METRIC_DATABASE_UP, '1 while the database answers', 'gauge', async () => [
    { labels: {}, value: (await facts()) === undefined ? 0 : 1 },
  ])
  for (const { name, help, type, samples } of CLUSTER_METRICS) {
    register(registry, name, help, type, async () => {
      const known = await facts()
      return known === undefined ? [] : samples(known)
    })
  }
}

/** A metric whose values stand elsewhere, by as much of prom-client's interface as a registry looks at. */
function register(registry: Registry<RegistryContentType>, name: string, help: string, type: string, read: () => Promise<Sample[]>): void {
  // The library puts `_total` behind a counter's name itself.
  const shown = type === 'counter' ? name.replace(/_total$/, '') : name
  const metric = {
    name,
    type,
    get: async () => ({ name: shown, help, type, values: await read(), aggregator: 'omit' }),
  }
  registry.registerMetric(metric as unknown as Metric)
}
