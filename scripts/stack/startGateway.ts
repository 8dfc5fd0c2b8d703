import { freePorts } from '@vividly/collector/freePorts'
import { startCollector } from '@vividly/collector/startCollector'
import { restartable } from './restartable.ts'
import type { Restartable } from './restartable.ts'
import { takePort } from './takePort.ts'

export type GatewayOptions = {
  traceStoreUrl: string
  /** Where it sends what the tracker needs: to a tracker, or to Kafka. */
  to: { trackerUrl: string } | { brokers: string }
  /** Of its queue; it goes on with what is there. */
  folder: string
  /** Default those where SDKs and Prometheus look. */
  ports?: { http: number; grpc: number; own: number; metrics: number }
  say: (line: string) => void
}

export type Gateway = Restartable & {
  url: string
  healthUrl: string
  grpcAddress: string
  metricsAddress: string
  ownMetricsAddress: string
}

/** The Collector of collector.yaml on loopback. */
export async function startGateway({ traceStoreUrl, to, folder, ports, say }: GatewayOptions): Promise<Gateway> {
  const [health = 0] = await freePorts(1)
  const { http, grpc, own, metrics } = ports ?? (await usualPorts())
  const start = () =>
    startCollector({
      configs: 'brokers' in to ? ['collector.yaml', 'kafka/to-kafka.yaml'] : ['collector.yaml'],
      env: {
        COLLECTOR_HEALTH_PORT: String(health),
        COLLECTOR_HTTP_PORT: String(http),
        COLLECTOR_GRPC_PORT: String(grpc),
        COLLECTOR_METRICS_PORT: String(metrics),
        COLLECTOR_OWN_METRICS_PORT: String(own),
        COLLECTOR_QUEUE_DIR: folder,
        COLLECTOR_LOG_LEVEL: 'error',
        TRACE_STORE_OTLP_URL: traceStoreUrl,
        ...('brokers' in to ? { KAFKA_BROKERS: to.brokers } : { TRACKER_OTLP_URL: to.trackerUrl }),
      },
      onLog: (line) => line.startsWith('{') || say(line),
    })
  return {
    ...(await restartable(start)),
    url: `http://127.0.0.1:${http}`,
    healthUrl: `http://127.0.0.1:${health}`,
    grpcAddress: `127.0.0.1:${grpc}`,
    metricsAddress: `127.0.0.1:${metrics}`,
    ownMetricsAddress: `127.0.0.1:${own}`,
  }
}

async function usualPorts() {
  const [http = 0, grpc = 0, own = 0, metrics = 0] = await Promise.all([4318, 4317, 8888, 8889].map(takePort))
  return { http, grpc, own, metrics }
}
