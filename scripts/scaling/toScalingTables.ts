import { estimate, predictedItemsPerSecond } from './loadModel.ts'
import type { Load } from './loadModel.ts'
import type { Costs } from './measureCosts.ts'

/** What is taken for today; nobody has told us another number. */
export const TODAY: Load = { requestsPerDay: 5_000, listeners: 20 }
const TIMES = [1, 10, 100, 1000]

const short = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2))))

/** The part of docs/scaling.md that is computed, as Markdown. */
export function toScalingTables(costs: Costs): string {
  // People who look grow more slowly than what they look at.
  const columns = TIMES.map((times) => estimate({ requestsPerDay: TODAY.requestsPerDay * times, listeners: Math.round(TODAY.listeners * Math.sqrt(times)) }, costs))
  const row = (name: string, cell: (column: (typeof columns)[number], times: number) => string) =>
    `| ${name} | ${columns.map((column, at) => cell(column, TIMES[at] ?? 1)).join(' | ')} |`
  return [
    `| load | ${TIMES.map((times) => `${times.toLocaleString('en')}×`).join(' | ')} |`,
    `|---|${TIMES.map(() => '---|').join('')}`,
    row('requests a day', (_, times) => short(TODAY.requestsPerDay * times)),
    row('people who look', (_, times) => short(Math.round(TODAY.listeners * Math.sqrt(times)))),
    row('requests a second at the peak', ({ peakPerSecond }) => short(peakPerSecond)),
    row('records and spans a second at the peak', ({ peakItemsPerSecond }) => short(peakItemsPerSecond)),
    row('in flight at the peak', ({ inFlight }) => short(inFlight)),
    row('cores for trackers', ({ trackerCores }) => short(trackerCores)),
    row('cores for Postgres', ({ postgresCores }) => short(postgresCores)),
    row('disk, GB', ({ diskGb }) => short(diskGb)),
    row('write-ahead log, MB/s at the peak', ({ walMbPerSecond }) => short(walMbPerSecond)),
    row('streams, MB/s at the peak', ({ streamMbPerSecond }) => short(streamMbPerSecond)),
    row('**form**', ({ form }) => `**${form}**`),
    row('trackers', ({ trackers }) => short(trackers)),
    row('dollars a month', ({ dollarsPerMonth }) => short(dollarsPerMonth)),
    row('**dollars a million requests**', ({ dollarsPerMillion }) => `**${short(dollarsPerMillion)}**`),
    '',
    '| one request | measured |',
    '|---|---|',
    `| records and spans | ${costs.items} |`,
    `| on the wire (protobuf, gzip), kB | ${short(costs.wireBytes / 1000)} |`,
    `| stored for 13 months, kB | ${short(costs.keptLongBytes / 1000)} |`,
    `| stored for 30 days, kB | ${short(costs.keptShortBytes / 1000)} |`,
    `| CPU of the tracker, ms: as requests live; catching up in full batches | ${short(costs.live.nodeCpuMs)}; ${short(costs.catchingUp.nodeCpuMs)} |`,
    `| CPU of Postgres, ms: the same | ${short(costs.live.postgresCpuMs)}; ${short(costs.catchingUp.postgresCpuMs)} |`,
    `| cores at ${costs.check.requestsPerSecond} requests a second: the model says; were used | ${short(costs.check.predictedCores)}; ${short(costs.check.measuredCores)} |`,
    `| at most taken by ${costs.cores} cores when catching up, records and spans a second: the model says | ${short(predictedItemsPerSecond(costs))} |`,
    `| the same, measured beside the sender and other people’s work | ${short(costs.itemsPerSecond)} |`,
  ].join('\n')
}
