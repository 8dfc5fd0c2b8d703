import type { Costs } from './measureCosts.ts'

/**
 * Terms: *peak* is the busiest minute of a day; *in flight* are requests that have begun and not ended; a *core* is one of
 * the machine on which the costs were measured.
 */
export type Load = { requestsPerDay: number; /** Pages and panels that are open at the peak. */ listeners: number }

/** The seed's own total of a request's six stages. */
export const REQUEST_SECONDS = 184
/** A school's day: a quarter of it in its busiest hour, and the busiest minute twice that hour's mean. */
const SHARE_OF_BUSIEST_HOUR = 0.25
const BURST = 2
const KEPT_LONG_DAYS = 396
const KEPT_SHORT_DAYS = 30
/** A change of a request is told as one row; of its items so many are told, for one look bundles what comes together. */
const CHANGES_PER_REQUEST = 15
const BYTES_PER_CHANGE = 1_100
/** What one page was seen to bear (`npm run bench:page`); who looks at more narrows it to an organization or a state. */
const CHANGES_A_PAGE_TAKES = 500
/** As `docs/performance.md` has it for a thousand listeners. */
const CPU_US_PER_TOLD_CHANGE = 2.2
/** Beyond it latency grows faster than load. */
const BUSY_AT_MOST = 0.6
/** One Postgres that still has room for vacuum and reads, and whose backup can be restored within a day. */
const ONE_POSTGRES = { cores: 32, diskGb: 10_000 } as const
/** Of collector.yaml: what a Collector keeps on disk while the tracker is away. */
const COLLECTOR_QUEUE_ITEMS = 2_000_000
/** So long the tracker and its database may be away at the worst time. */
const OUTAGE_SECONDS = 3600
/** From so many people on, that nobody sees anything while it is started anew is too much. */
const LISTENERS_OF_ONE_TRACKER = 50

/** Dollars, rounded list prices of large clouds; put your own here. */
export const PRICES = { coreMonth: 30, diskGbMonth: 0.1, objectGbMonth: 0.023 } as const

export type Form = 'one machine' | 'replicas' | 'Kafka between' | 'several databases'

export type Estimate = {
  peakPerSecond: number
  peakItemsPerSecond: number
  inFlight: number
  trackerCores: number
  postgresCores: number
  diskGb: number
  walMbPerSecond: number
  streamMbPerSecond: number
  form: Form
  /** Of the trackers, two at least where there are replicas. */
  trackers: number
  dollarsPerMonth: number
  dollarsPerMillion: number
}

export function estimate({ requestsPerDay, listeners }: Load, costs: Costs): Estimate {
  const peakPerSecond = (requestsPerDay * SHARE_OF_BUSIEST_HOUR * BURST) / 3600
  const told = Math.min(peakPerSecond * CHANGES_PER_REQUEST, CHANGES_A_PAGE_TAKES) * listeners
  const ingestCores = (peakPerSecond * costs.live.nodeCpuMs) / 1000
  const trackerCores = (ingestCores + (told * CPU_US_PER_TOLD_CHANGE) / 1e6) / BUSY_AT_MOST
  const postgresCores = (peakPerSecond * costs.live.postgresCpuMs) / 1000 / BUSY_AT_MOST
  const diskGb = (requestsPerDay * (costs.keptLongBytes * KEPT_LONG_DAYS + costs.keptShortBytes * KEPT_SHORT_DAYS)) / 1e9
  const isBeyondOnePostgres = postgresCores > ONE_POSTGRES.cores || diskGb > ONE_POSTGRES.diskGb
  const overflows = peakPerSecond * costs.items * OUTAGE_SECONDS > COLLECTOR_QUEUE_ITEMS
  const isMoreThanOneTracker = trackerCores + postgresCores > 1 || listeners > LISTENERS_OF_ONE_TRACKER
  const form = isBeyondOnePostgres ? 'several databases' : overflows ? 'Kafka between' : isMoreThanOneTracker ? 'replicas' : 'one machine'
  // One event loop uses one core.
  const trackers = form === 'one machine' ? 1 : Math.max(2, Math.ceil(trackerCores))
  const rented = Math.max(2, Math.ceil(trackers + postgresCores + collectorCores(form, peakPerSecond * costs.items)))
  const dollarsPerMonth = rented * PRICES.coreMonth + diskGb * PRICES.diskGbMonth * (form === 'one machine' ? 1 : 2)
  return {
    peakPerSecond,
    peakItemsPerSecond: peakPerSecond * costs.items,
    inFlight: peakPerSecond * REQUEST_SECONDS,
    trackerCores,
    postgresCores,
    diskGb,
    // Every row is written to the log too, and again after each checkpoint as a whole page: twice is what to expect.
    walMbPerSecond: (2 * peakPerSecond * (costs.keptLongBytes + costs.keptShortBytes)) / 1e6,
    streamMbPerSecond: (told * BYTES_PER_CHANGE) / 1e6,
    form,
    trackers,
    dollarsPerMonth,
    dollarsPerMillion: dollarsPerMonth / ((requestsPerDay * 30) / 1e6),
  }
}

/** The most that a machine with so many cores can take, were all of them ours. */
export function predictedItemsPerSecond({ catchingUp, items, cores }: Costs): number {
  return (cores * 1000 * items) / (catchingUp.nodeCpuMs + catchingUp.postgresCpuMs)
}

/** Measured by OpenTelemetry's own stability tests: some 20 % of a core for 10,000 items a second, twice where Kafka is between. */
function collectorCores(form: Form, itemsPerSecond: number): number {
  const core = (itemsPerSecond / 10_000) * 0.2
  return form === 'Kafka between' || form === 'several databases' ? 2 * core + (itemsPerSecond / 10_000) * 0.5 : core
}
