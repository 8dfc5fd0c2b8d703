import { freePorts } from '@vividly/collector/freePorts'
import { startCollector } from '@vividly/collector/startCollector'
import { restartable } from './restartable.ts'
import type { Restartable } from './restartable.ts'

export type Consumer = Restartable & { ownMetricsAddress: string }

/** The Collector of kafka/from-kafka.yaml on loopback; several share the partitions. */
export async function startConsumer(brokers: string, trackerUrl: string): Promise<Consumer> {
  const [health = 0, own = 0] = await freePorts(2)
  const start = () =>
    startCollector({
      configs: ['kafka/from-kafka.yaml'],
      env: {
        COLLECTOR_HEALTH_PORT: String(health),
        COLLECTOR_OWN_METRICS_PORT: String(own),
        COLLECTOR_LOG_LEVEL: 'error',
        KAFKA_BROKERS: brokers,
        TRACKER_OTLP_URL: trackerUrl,
      },
    })
  return { ...(await restartable(start)), ownMetricsAddress: `127.0.0.1:${own}` }
}
