import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCollector } from '../startCollector.ts'
import { freePorts } from '../freePorts.ts'

export type Gateway = Awaited<ReturnType<typeof startGateway>>

/** collector.yaml on free ports with a queue folder of its own, in front of the given receivers. */
export async function startGateway(trackerUrl: string, traceStoreUrl: string) {
  const queue = await mkdtemp(join(tmpdir(), 'vividly-collector-'))
  const [health = 0, grpc = 0, http = 0, metrics = 0, own = 0] = await freePorts(5)
  const start = () =>
    startCollector({
      configs: ['collector.yaml', 'src/testing/plain.yaml'],
      env: {
        COLLECTOR_HEALTH_PORT: String(health),
        COLLECTOR_GRPC_PORT: String(grpc),
        COLLECTOR_HTTP_PORT: String(http),
        COLLECTOR_METRICS_PORT: String(metrics),
        COLLECTOR_OWN_METRICS_PORT: String(own),
        COLLECTOR_QUEUE_DIR: queue,
        TRACKER_OTLP_URL: trackerUrl,
        TRACE_STORE_OTLP_URL: traceStoreUrl,
      },
    })
  let running = await start()
  return {
    url: `http://127.0.0.1:${http}`,
    grpcUrl: `http://127.0.0.1:${grpc}`,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    ownMetricsUrl: `http://127.0.0.1:${own}/metrics`,
    killAndRestart: async () => {
      await running.kill()
      running = await start()
    },
    stop: async () => {
      await running.stop()
      await rm(queue, { recursive: true, force: true })
    },
  }
}
