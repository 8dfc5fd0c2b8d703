import { freePorts } from '@vividly/collector/freePorts'
import { startCollector } from '@vividly/collector/startCollector'
import { takePort } from './takePort.ts'

export type GatewayOptions = {
  trackerUrl: string
  traceStoreUrl: string
  /** Of its queue; it goes on with what is there. */
  folder: string
  say: (line: string) => void
}

/** The Collector of collector.yaml on the ports where SDKs look, on loopback. */
export async function startGateway({ trackerUrl, traceStoreUrl, folder, say }: GatewayOptions) {
  const [health = 0] = await freePorts(1)
  const [http, grpc, own, metrics] = await Promise.all([4318, 4317, 8888, 8889].map(takePort))
  const running = await startCollector({
    configs: ['collector.yaml'],
    env: {
      COLLECTOR_HEALTH_PORT: String(health),
      COLLECTOR_HTTP_PORT: String(http),
      COLLECTOR_GRPC_PORT: String(grpc),
      COLLECTOR_METRICS_PORT: String(metrics),
      COLLECTOR_OWN_METRICS_PORT: String(own),
      COLLECTOR_QUEUE_DIR: folder,
      COLLECTOR_LOG_LEVEL: 'error',
      TRACKER_OTLP_URL: trackerUrl,
      TRACE_STORE_OTLP_URL: traceStoreUrl,
    },
    onLog: (line) => line.startsWith('{') || say(line),
  })
  return {
    url: `http://127.0.0.1:${http}`,
    grpcAddress: `127.0.0.1:${grpc}`,
    metricsAddress: `127.0.0.1:${metrics}`,
    ownMetricsAddress: `127.0.0.1:${own}`,
    stop: running.stop,
  }
}
