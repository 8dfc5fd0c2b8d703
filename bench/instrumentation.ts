/** `npm run bench:instrumentation`: what tracking costs a service, against OpenTelemetry's bare SDK. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Command } from 'commander'

const { stages, concurrent } = new Command('bench:instrumentation')
  .description('Prints what tracking costs a service: CPU a stage, time added to the caller, signs of life of many stages.')
  .option('--stages <count>', 'stages to run one after another', Number, 5000)
  .option('--concurrent <count>', 'stages at once', Number, 10_000)
  .parse()
  .opts<{ stages: number; concurrent: number }>()

const worker = join(import.meta.dirname, 'instrumentation/worker.ts')
/** Records that arrived during one measurement: what drops them is cheaper for it. */
let records = 0
const receiver = createServer(async (request, response) => {
  records += (await text(request)).split('"eventName"').length - 1
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))

async function measure<T>(mode: string, count: number): Promise<T> {
  console.error(`measuring: ${mode}`)
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` }
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', worker, mode, String(count)], { env })
  return JSON.parse(stdout) as T
}

type Cost = { microseconds: number }
type Load = { coreShare: number; mebibytes: number }
const bare = await measure<Cost>('bare', stages)
const bareShare = records / (4 * stages)
records = 0
const tracked = await measure<Cost>('tracked', stages)
const trackedShare = records / (4 * stages)
const caller = await measure<{ p50: number; p99: number }>('callerPath', stages)
const silent = await measure<Load>('silent', concurrent)
const beating = await measure<Load>('beating', concurrent)
const idle = await measure<Load>('silent', 0)

console.table({
  'CPU a stage, bare SDK (two spans, four records), µs': bare.microseconds.toFixed(0),
  'CPU a stage, tracked (the same, delivered), µs': tracked.microseconds.toFixed(0),
  'share of records that arrived, bare and tracked': `${bareShare.toFixed(2)}, ${trackedShare.toFixed(2)}`,
  'ratio of CPU': (tracked.microseconds / bare.microseconds).toFixed(2),
  'added to the caller a call, p50, µs': caller.p50.toFixed(1),
  'added to the caller a call, p99, µs': caller.p99.toFixed(1),
  [`${concurrent} stages with heartbeats, share of a core`]: beating.coreShare.toFixed(3),
  [`${concurrent} stages without, share of a core`]: silent.coreShare.toFixed(3),
  [`${concurrent} stages with heartbeats, MiB above those without`]: (beating.mebibytes - silent.mebibytes).toFixed(0),
  [`${concurrent} stages with heartbeats, MiB above an idle process`]: (beating.mebibytes - idle.mebibytes).toFixed(0),
})
receiver.close()
