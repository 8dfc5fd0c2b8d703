/** `npm run bench:ingest`: what storing costs, against raw COPY of the same rows. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import postgres from 'postgres'
import { ITEMS_PER_REQUEST, makeWorkload } from './ingest/makeWorkload.ts'
import type { WorkloadEncoding } from './ingest/makeWorkload.ts'
import { measureCopy } from './ingest/measureCopy.ts'
import { measureDecoding } from './ingest/measureDecoding.ts'
import { measureIngest } from './ingest/measureIngest.ts'
import type { Cost } from './ingest/measureIngest.ts'
import { writeFigures } from './measure/writeFigures.ts'

type Options = { requests: number; batch: number; clients: number; repeats: number; lanes?: number; only?: string; json?: string }
const { requests, batch, clients, repeats, lanes, only, json } = new Command('bench:ingest')
  .description(
    `Posts what services tell of requests (${ITEMS_PER_REQUEST} records and spans each, 100 requests at a time) to a tracker with a Postgres of its own, and puts the rates beside raw COPY of the rows that it stored. CPU is Node's and Postgres' together; Linux only.`,
  )
  .option('--requests <count>', 'requests of one measurement', Number, 2_000)
  .option('--batch <items>', 'items of one POST', Number, 500)
  .option('--clients <count>', 'POSTs at once', Number, 8)
  .option('--repeats <count>', 'rounds, of which the median counts', Number, 3)
  .option('--lanes <count>', 'statements under way, instead of the default', Number)
  .option('--only <name>', 'one measurement (and COPY) only, by the beginning of its name')
  .option('--json <file>', 'writes the medians there too')
  .parse()
  .opts<Options>()

const recording = lanes === undefined ? {} : { lanes }
const apart = { lanes: 0 }
const cases = [
  { name: `protobuf, ${batch} a POST`, encoding: 'protobuf', size: batch, recording },
  { name: `protobuf, ${batch} a POST, each a statement of its own`, encoding: 'protobuf', size: batch, recording: apart },
  { name: `JSON, ${batch} a POST`, encoding: 'json', size: batch, recording },
  { name: 'small: protobuf, 50 a POST', encoding: 'protobuf', size: 50, recording },
  { name: 'small: protobuf, 50 a POST, each a statement of its own', encoding: 'protobuf', size: 50, recording: apart },
] as const

const dataDir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
const server = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '1GB', max_wal_size: '8GB' } })
try {
  const costs = new Map<string, Cost[]>()
  const add = (name: string, cost: Cost): void => void costs.set(name, [...(costs.get(name) ?? []), cost])
  for (let round = 0; round < repeats; round++) {
    for (const { name, encoding, size, ...rest } of cases) {
      if (only !== undefined && !name.startsWith(only)) continue
      console.error(`round ${round + 1}: ${name}`)
      await onEmptyDatabase(async (databaseUrl) => {
        const postmaster = server.pid() ?? Number.NaN
        const told = (count: number, agoMs: number) => makeWorkload(count, size, encoding, Date.now() - agoMs)
        const measured = { databaseUrl, postmaster, warmUp: told(300, 7_200_000), bodies: told(requests, 3_600_000), clients }
        add(name, await measureIngest({ ...measured, ...rest }))
        if (name === cases[0].name) add('COPY', await measureCopy(databaseUrl, postmaster))
      })
    }
  }
  await print(costs)
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

async function onEmptyDatabase(work: (databaseUrl: string) => Promise<void>): Promise<void> {
  const admin = postgres(server.databaseUrl, { max: 1, onnotice: () => {} })
  const name = `bench_${Date.now()}`
  await admin`create database ${admin(name)}`
  const url = new URL(server.databaseUrl)
  url.pathname = name
  await migrate(url.href)
  await work(url.href)
  await admin`drop database ${admin(name)} with (force)`
  await admin.end()
}

async function print(costs: Map<string, Cost[]>): Promise<void> {
  const total = ({ nodeUs, postgresUs }: Cost): number => nodeUs + postgresUs
  const medians = new Map([...costs].map(([name, all]) => [name, all.sort((a, b) => total(a) - total(b))[Math.floor(all.length / 2)]]))
  const copy = medians.get('COPY')
  console.table(
    Object.fromEntries(
      [...medians].flatMap(([name, cost]) =>
        cost === undefined
          ? []
          : [[
              name,
              {
                'Node µs/item': cost.nodeUs.toFixed(1),
                'Postgres µs/item': cost.postgresUs.toFixed(1),
                'items/CPU-s': Math.round(1e6 / total(cost)),
                'of COPY': copy ? (total(copy) / total(cost)).toFixed(3) : '',
                'items/s': Math.round(cost.itemsPerSecond),
                'p50, p99 ms': name === 'COPY' ? '' : `${cost.p50Ms.toFixed(0)}, ${cost.p99Ms.toFixed(0)}`,
              },
            ]],
      ),
    ),
  )
  const decoding = (encoding: WorkloadEncoding): number => measureDecoding(makeWorkload(500, 500, encoding, Date.now()), encoding)
  const alone = { protobuf: decoding('protobuf'), json: decoding('json') }
  console.table({ 'decoding alone, µs/item': { protobuf: alone.protobuf.toFixed(1), json: alone.json.toFixed(1) } })
  const figuresOf = (name: string) => {
    const cost = medians.get(name)
    return cost && { us: total(cost), node_us: cost.nodeUs, postgres_us: cost.postgresUs, per_second: cost.itemsPerSecond, p50: cost.p50Ms, p99: cost.p99Ms }
  }
  await writeFigures(json, {
    copy: figuresOf('COPY'), protobuf: figuresOf(cases[0].name), json: figuresOf(cases[2].name), small: figuresOf(cases[3].name),
    decoding: alone, memory: { megabytes: Math.max(...[...costs.values()].flat().map(({ megabytes }) => megabytes)) },
  })
}
