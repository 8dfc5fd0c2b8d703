import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { askOnce } from './askOnce.ts'
import type { CanaryTarget } from './askOnce.ts'
import { METRIC_CANARY_REQUESTS, METRIC_CANARY_ROUND_TRIP, METRIC_CANARY_SEEN_AT } from './canaryMetricNames.ts'

export type CanaryOptions = {
  /** Asked at each turn: a token may be renewed. */
  target: () => Promise<CanaryTarget>
  everyMs?: number
  /** After which a request is counted as lost. */
  patienceMs?: number
  onLost: (error: unknown) => void
  host?: string
  /** 0, the default: any free one. */
  port?: number
}

const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Asks for ever, as a service and as a page at once, and tells Prometheus at `/metrics` how it went. */
export async function startCanary({ target, everyMs = 60_000, patienceMs = 30_000, onLost, host = '127.0.0.1', port = 0 }: CanaryOptions) {
  const registry = new Registry()
  const registers = [registry]
  const asked = new Counter({ name: METRIC_CANARY_REQUESTS, help: 'Requests of the canary, by what became of them', labelNames: ['result'], registers })
  const roundTrip = new Histogram({ name: METRIC_CANARY_ROUND_TRIP, help: 'Seconds from telling a request to hearing of it on the stream', buckets: BUCKETS, registers })
  const seenAt = new Gauge({ name: METRIC_CANARY_SEEN_AT, help: 'When the last request was heard of, in Unix seconds', registers })
  for (const result of ['seen', 'lost']) asked.inc({ result }, 0)

  async function ask(): Promise<void> {
    try {
      roundTrip.observe((await askOnce(await target(), patienceMs)) / 1000)
      asked.inc({ result: 'seen' })
      seenAt.set(Date.now() / 1000)
    } catch (error) {
      asked.inc({ result: 'lost' })
      onLost(error)
    }
  }

  const server = createServer((_request, response) => {
    void registry.metrics().then((text) => response.setHeader('Content-Type', registry.contentType).end(text))
  })
  server.listen(port, host)
  await once(server, 'listening')
  const asking = setInterval(() => void ask(), everyMs)
  void ask()
  return {
    metricsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    stop: async () => {
      clearInterval(asking)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
