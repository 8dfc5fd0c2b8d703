/** `npm run bench:instrumentation`: what tracking costs a service, against OpenTelemetry's bare SDK in the same run. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Command } from 'commander'
import type { CallerTimes } from './instrumentation/measureCaller.ts'
import type { Load } from './instrumentation/measureConcurrent.ts'
import { measureStoring } from './instrumentation/measureStoring.ts'
import type { Call } from './instrumentation/tellLifeCycles.ts'
import { quantile } from './measure/quantile.ts'
import { writeFigures } from './measure/writeFigures.ts'

const { stages, concurrent, rounds, seconds, json } = new Command('bench:instrumentation')
  .description('Prints what tracking costs a service, a line each with its bound: CPU a stage, time taken from the caller, many stages at once, time to Postgres.')
  .option('--stages <count>', 'stages of one measurement', Number, 4000)
  .option('--rounds <count>', 'of bare and tracked in turn; the median counts', Number, 3)
  .option('--concurrent <count>', 'stages at once', Number, 10_000)
  .option('--seconds <count>', 'of life-cycle records on their way to Postgres', Number, 20)
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ stages: number; concurrent: number; rounds: number; seconds: number; json?: string }>()

const worker = join(import.meta.dirname, 'instrumentation/worker.ts')
/** That arrived during one measurement: what drops them is cheaper for it. */
let records = 0
const receiver = createServer(async (request, response) => {
  records += (await text(request)).split('"eventName"').length - 1
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const sink = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`

async function measure<T>(name: string, count: number, endpoint = sink): Promise<T> {
  console.error(`measuring: ${name}`)
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
  const options = { env, maxBuffer: 2 ** 26 }
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', worker, name, String(count)], options)
  return JSON.parse(stdout) as T
}

const median = (values: readonly number[]): number => quantile(values, 0.5)
const costs = { bare: [] as number[], tracked: [] as number[] }
const callers = { bare: [] as CallerTimes[], tracked: [] as CallerTimes[], none: [] as CallerTimes[] }
const arrived = { bare: 0, tracked: 0 }
for (let round = 0; round < rounds; round += 1) {
  for (const kind of ['bare', 'tracked'] as const) {
    records = 0
    costs[kind].push((await measure<{ microseconds: number }>(`${kind}Cost`, stages)).microseconds)
    arrived[kind] = records
    callers[kind].push(await measure<CallerTimes>(`${kind}Caller`, stages))
  }
  callers.none.push(await measure<CallerTimes>('noCaller', stages))
}
const idle = await measure<Load>('ended', 0)
const ended = await measure<Load>('ended', concurrent)
const running = await measure<Load>('running', concurrent)
const storing = await measureStoring((endpoint) => measure<Call[]>('lifeCycles', seconds, endpoint))
receiver.close()

const caller = (kind: keyof typeof callers, which: keyof CallerTimes): number => median(callers[kind].map((times) => times[which]))
const figures = {
  bare_cost_us: median(costs.bare),
  tracked_cost_us: median(costs.tracked),
  cost_ratio: median(costs.tracked) / median(costs.bare),
  arrived_bare: arrived.bare / arrived.tracked,
  caller_p50_us: caller('tracked', 'p50'),
  caller_p99_us: caller('tracked', 'p99'),
  caller_bare_p99_us: caller('bare', 'p99'),
  caller_first_p50_us: caller('tracked', 'firstP50'),
  caller_bare_first_p50_us: caller('bare', 'firstP50'),
  caller_nothing_first_p50_us: caller('none', 'firstP50'),
  caller_whole_p99_us: caller('tracked', 'wholeP99'),
  caller_bare_whole_p99_us: caller('bare', 'wholeP99'),
  concurrent_core_share: running.coreShare - ended.coreShare,
  concurrent_mebibytes: running.mebibytes - ended.mebibytes,
  concurrent_mebibytes_above_idle: running.mebibytes - idle.mebibytes,
  stored_p50_ms: storing.p50,
  stored_p99_ms: storing.p99,
  stored_missing: storing.missing,
}
type Line = [what: string, measured: number, unit: string, most?: number]
const lines: Line[] = [
  ['CPU a stage of two spans and four records, bare SDK', figures.bare_cost_us, 'µs'],
  ['CPU a stage of the same, tracked and delivered', figures.tracked_cost_us, 'µs'],
  ['tracked to bare', figures.cost_ratio, '×', 2],
  ['records that arrived, bare to tracked', figures.arrived_bare, '×'],
  ['taken from the caller by a call, p50', figures.caller_p50_us, 'µs'],
  ['taken from the caller by a call, p99', figures.caller_p99_us, 'µs', 50],
  ['a call by hand with the bare SDK, p99', figures.caller_bare_p99_us, 'µs'],
  ['taken by a whole trackStage with two events and a child span, p99', figures.caller_whole_p99_us, 'µs'],
  ['a whole stage by hand with the bare SDK, p99', figures.caller_bare_whole_p99_us, 'µs'],
  ['taken by the first call after a pause, p50', figures.caller_first_p50_us, 'µs'],
  ['a first call by hand with the bare SDK, p50', figures.caller_bare_first_p50_us, 'µs'],
  ['a first call that does nothing, p50', figures.caller_nothing_first_p50_us, 'µs'],
  [`${concurrent} stages with heartbeats, of one core`, figures.concurrent_core_share * 100, '%', 5],
  [`${concurrent} stages with heartbeats, above a process where they have ended`, figures.concurrent_mebibytes, 'MiB', 100],
  ['the same above a process that never did anything', figures.concurrent_mebibytes_above_idle, 'MiB'],
  ['call to record in Postgres, p50', figures.stored_p50_ms, 'ms'],
  ['call to record in Postgres, p99', figures.stored_p99_ms, 'ms', 500],
  [`of ${storing.records} records missing in Postgres`, figures.stored_missing, '', 0],
]
console.table(
  Object.fromEntries(
    lines.map(([what, measured, unit, most]) => [
      what,
      {
        measured: `${Number(measured.toPrecision(3))} ${unit}`.trim(),
        bound: most === undefined ? '' : `≤ ${most} ${unit}`.trim(),
        held: most === undefined ? '' : measured <= most ? 'yes' : 'NO',
      },
    ]),
  ),
)
await writeFigures(json, { instrumentation: figures })
