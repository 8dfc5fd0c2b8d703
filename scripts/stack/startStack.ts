import { join } from 'node:path'
import { startCanary } from '@vividly/dashboards/startCanary'
import { startPager } from '@vividly/dashboards/startPager'
import { startPrometheus } from '@vividly/dashboards/startPrometheus'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { buildPage } from '../../grafana-plugin/buildPage.ts'
import type { Stops } from '../start/stopInOrder.ts'
import { startGateway } from './startGateway.ts'
import { startTraceStore } from './startTraceStore.ts'
import { startTrackerProgram } from './startTrackerProgram.ts'
import { takePort } from './takePort.ts'

/** More often than in production, for who looks at a stack looks for minutes. */
export const CANARY_EVERY_MS = 10_000

export type StackOptions = {
  /** Of the embedded Postgres and the Collector's queue. */
  dataDir: string
  /** Where each part's end is put, for the caller's order. */
  stops: Pick<Stops, 'add'>
  /** Prometheus' interval; default as configured. */
  intervalSeconds?: number
  say: (line: string) => void
}

export type Stack = {
  databaseUrl: string
  trackerUrl: string
  /** Where SDKs send. */
  otlpUrl: string
  prometheus: Awaited<ReturnType<typeof startPrometheus>>
  pager: Awaited<ReturnType<typeof startPager>>
  /** What a person may open or point to, by what it is. */
  addresses: Record<string, string>
}

/**
 * What docker-compose.yml starts, but for the example: the real programs on loopback with the same configuration files,
 * the names of its network replaced by addresses. Tempo and Grafana cannot be had as programs: a store that forgets
 * stands in for the one, nothing for the other.
 */
export async function startStack({ dataDir, stops, intervalSeconds, say }: StackOptions): Promise<Stack> {
  const [postgres] = await Promise.all([startEmbeddedPostgres({ dataDir }), buildPage()])
  stops.add(postgres.stop)
  const tracker = await startTrackerProgram(postgres.databaseUrl, await takePort(8484))
  stops.add(tracker.stop)
  const traceStore = await startTraceStore()
  stops.add(traceStore.stop)
  const gateway = await startGateway({
    to: { trackerUrl: tracker.url },
    traceStoreUrl: traceStore.url,
    folder: join(dataDir, 'collector'),
    say,
  })
  stops.add(gateway.stop)
  const pager = await startPager({ port: await takePort(8490) })
  stops.add(pager.stop)
  const canary = await startCanary({
    target: async () => ({ otlpUrl: gateway.url, trackerUrl: tracker.url }),
    everyMs: CANARY_EVERY_MS,
    onLost: (error) => say(`canary: ${error instanceof Error ? error.message : String(error)}`),
  })
  stops.add(canary.stop)
  const prometheus = await startPrometheus({
    addresses: {
      'tracker:8484': new URL(tracker.url).host,
      'collector:8888': gateway.ownMetricsAddress,
      'collector:8889': gateway.metricsAddress,
      'pager:8490': new URL(pager.url).host,
      'canary:8491': new URL(canary.metricsUrl).host,
    },
    ports: { alertmanager: await takePort(9093), prometheus: await takePort(9090) },
    ...(intervalSeconds !== undefined && { intervalSeconds }),
  })
  stops.add(prometheus.stop)
  return {
    databaseUrl: postgres.databaseUrl,
    trackerUrl: tracker.url,
    otlpUrl: gateway.url,
    prometheus,
    pager,
    addresses: {
      'the page': `${tracker.url}/monitoring/dashboard`,
      'what on-call is told': pager.url,
      'metrics and alerts (Prometheus)': prometheus.url,
      'routes of alerts (Alertmanager)': prometheus.alertmanagerUrl,
      'OTLP over HTTP (Collector)': gateway.url,
      'OTLP over gRPC (Collector)': gateway.grpcAddress,
      Postgres: postgres.databaseUrl.replace(/:[^:@/]*@/, ':…@'),
      'Tempo, Grafana': 'only with docker compose',
    },
  }
}
