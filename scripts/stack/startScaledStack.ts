import { join } from 'node:path'
import { buildCollector } from '@vividly/collector/buildCollector'
import { freePorts } from '@vividly/collector/freePorts'
import { startCanary } from '@vividly/dashboards/startCanary'
import { startPager } from '@vividly/dashboards/startPager'
import { startPrometheus } from '@vividly/dashboards/startPrometheus'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { buildPage } from '../../grafana-plugin/buildPage.ts'
import { startKafka } from './kafka/startKafka.ts'
import type { Restartable } from './restartable.ts'
import { startBalancer } from './startBalancer.ts'
import { startConsumer } from './startConsumer.ts'
import { startGateway } from './startGateway.ts'
import type { Gateway } from './startGateway.ts'
import { CANARY_EVERY_MS } from './startStack.ts'
import type { Stack, StackOptions } from './startStack.ts'
import { startTraceStore } from './startTraceStore.ts'
import { startTrackerProgram } from './startTrackerProgram.ts'
import type { RunningTracker } from './startTrackerProgram.ts'
import { takePort } from './takePort.ts'

/** What one command takes away. Of Collectors there are two kinds: those before Kafka and those behind it. */
export const PARTS = ['broker', 'tracker', 'collector', 'consumer'] as const
export type Part = (typeof PARTS)[number]

export type ScaledStack = Stack & {
  trackers: RunningTracker[]
  /** One of each kind. */
  parts: Record<Part, Restartable>
}

/** Many more than there are Collectors behind Kafka: from each partition one message at a time is under way. */
const PARTITIONS_EACH = 32

/**
 * The distributed form on this machine: `scale` Collectors behind a balancer write to Kafka by trace ID, as many read
 * from it and send to `scale` trackers behind another balancer, on one Postgres. The rest is as in `startStack`.
 */
export async function startScaledStack(scale: number, { dataDir, stops, intervalSeconds, say }: StackOptions): Promise<ScaledStack> {
  // Once, before several are started at the same time.
  await buildCollector(say)
  const [postgres, kafka] = await Promise.all([
    startEmbeddedPostgres({ dataDir }),
    startKafka({ folder: join(dataDir, 'kafka'), partitions: scale * PARTITIONS_EACH }),
    buildPage(),
  ])
  stops.add(postgres.stop)
  stops.add(kafka.stop)
  const traceStore = await startTraceStore()
  stops.add(traceStore.stop)

  const pagePort = await takePort(8484)
  const trackerPorts = await freePorts(scale)
  const trackers: RunningTracker[] = []
  // One after another: the first migrates.
  for (const port of trackerPorts) {
    const tracker = await startTrackerProgram(postgres.databaseUrl, port, `http://127.0.0.1:${pagePort}`)
    stops.add(tracker.stop)
    trackers.push(tracker)
  }
  const front = await startBalancer(pagePort, trackers.map(({ url }) => ({ address: new URL(url).host, healthUrl: `${url}/readyz` })))
  stops.add(front.stop)

  const consumers = await Promise.all(trackers.map(() => startConsumer(kafka.brokers, front.url)))
  for (const consumer of consumers) stops.add(consumer.stop)
  const gateways: Gateway[] = []
  for (let at = 0; at < scale; at += 1) {
    const [http = 0, grpc = 0, own = 0, metrics = 0] = await freePorts(4)
    const folder = join(dataDir, `collector-${at + 1}`)
    const to = { brokers: kafka.brokers }
    const gateway = await startGateway({ to, traceStoreUrl: traceStore.url, folder, ports: { http, grpc, own, metrics }, say })
    stops.add(gateway.stop)
    gateways.push(gateway)
  }
  const intake = await startBalancer(await takePort(4318), gateways.map(({ url, healthUrl }) => ({ address: new URL(url).host, healthUrl })))
  stops.add(intake.stop)

  const pager = await startPager({ port: await takePort(8490) })
  stops.add(pager.stop)
  const canary = await startCanary({
    target: async () => ({ otlpUrl: intake.url, trackerUrl: front.url }),
    everyMs: CANARY_EVERY_MS,
    onLost: (error) => say(`canary: ${error instanceof Error ? error.message : String(error)}`),
  })
  stops.add(canary.stop)
  const all = (addresses: string[]) => addresses.join(', ')
  const prometheus = await startPrometheus({
    addresses: {
      'tracker:8484': all(trackers.map(({ url }) => new URL(url).host)),
      'collector:8888': all([...gateways, ...consumers].map(({ ownMetricsAddress }) => ownMetricsAddress)),
      'collector:8889': all(gateways.map(({ metricsAddress }) => metricsAddress)),
      'pager:8490': new URL(pager.url).host,
      'canary:8491': new URL(canary.metricsUrl).host,
    },
    ports: { alertmanager: await takePort(9093), prometheus: await takePort(9090) },
    ...(intervalSeconds !== undefined && { intervalSeconds }),
  })
  stops.add(prometheus.stop)

  const pids = (parts: Restartable[]) => parts.map(({ pid }) => pid()).join(', ')
  return {
    databaseUrl: postgres.databaseUrl,
    trackerUrl: front.url,
    otlpUrl: intake.url,
    prometheus,
    pager,
    trackers,
    parts: { broker: kafka, tracker: last(trackers), collector: last(gateways), consumer: last(consumers) },
    addresses: {
      [`the page (balancer of ${scale} trackers)`]: `${front.url}/monitoring/dashboard`,
      [`OTLP over HTTP (balancer of ${scale} Collectors)`]: intake.url,
      'trackers (pids)': `${trackers.map(({ url }) => url).join(', ')} (${pids(trackers)})`,
      'Collectors before Kafka (pids)': pids(gateways),
      'Collectors behind Kafka (pids)': pids(consumers),
      'Kafka (pid)': `${kafka.brokers} (${kafka.pid()})`,
      'what on-call is told': pager.url,
      'metrics and alerts (Prometheus)': prometheus.url,
      'routes of alerts (Alertmanager)': prometheus.alertmanagerUrl,
      Postgres: postgres.databaseUrl.replace(/:[^:@/]*@/, ':…@'),
    },
  }
}

/** Not the first: what is taken away should not be what was there alone before. */
function last<T>(list: readonly T[]): T {
  const found = list.at(-1)
  if (found === undefined) throw new Error('A scale is at least 1')
  return found
}
