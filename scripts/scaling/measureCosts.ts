import { gzipSync } from 'node:zlib'
import postgres from 'postgres'
import { ITEMS_PER_REQUEST, makeWorkload } from '../../bench/ingest/makeWorkload.ts'
import { measureIngest } from '../../bench/ingest/measureIngest.ts'
import { measureLive } from './measureLive.ts'

export type Cpu = { nodeCpuMs: number; postgresCpuMs: number }

/** What one request costs, from its creation to its end. */
export type Costs = {
  items: number
  /** On the wire, OTLP protobuf with gzip in batches of 500. */
  wireBytes: number
  /** Rows with their indexes: of requests and stages, kept for 13 months; of events and spans, kept for 30 days. */
  keptLongBytes: number
  keptShortBytes: number
  /** As requests live: told a few records at a time, at {@link LIVE_PER_SECOND}. */
  live: Cpu
  /** In full batches, as fast as they are taken: after an outage. */
  catchingUp: Cpu
  /** At twice that rate: cores that the model says, and that were used. */
  check: { requestsPerSecond: number; predictedCores: number; measuredCores: number }
  /** Taken and committed by one tracker with its Postgres and the sender on one machine of so many cores. */
  itemsPerSecond: number
  cores: number
}

const LIVE_PER_SECOND = 25
const WARM_UP = 100
const BATCH = 500
const CLIENTS = 4

type Measured = {
  /** Told as fast as they are taken. */
  requests: number
  /** How long each rate of the living ones is held. */
  liveSeconds: number
  cores: number
}

/** Tells requests to a tracker of its own on an empty, migrated database. */
export async function measureCosts(databaseUrl: string, postmaster: number, { requests, liveSeconds, cores }: Measured): Promise<Costs> {
  const startMs = Date.now() - 60_000
  const bodies = makeWorkload(requests, BATCH, 'protobuf', startMs)
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const before = await storedBytes(sql)
    const warmUp = makeWorkload(WARM_UP, BATCH, 'protobuf', startMs - 60_000)
    const cost = await measureIngest({ databaseUrl, postmaster, warmUp, bodies, clients: CLIENTS })
    const after = await storedBytes(sql)
    const told = requests + WARM_UP
    const live = await measureLive(databaseUrl, postmaster, LIVE_PER_SECOND, liveSeconds)
    const twice = await measureLive(databaseUrl, postmaster, 2 * LIVE_PER_SECOND, liveSeconds)
    const coresOf = ({ nodeCpuMs, postgresCpuMs }: Cpu) => round((2 * LIVE_PER_SECOND * (nodeCpuMs + postgresCpuMs)) / 1000)
    return {
      items: ITEMS_PER_REQUEST,
      wireBytes: Math.round(bodies.reduce((sum, { body }) => sum + gzipSync(body).length, 0) / requests),
      keptLongBytes: Math.round((after.long - before.long) / told),
      keptShortBytes: Math.round((after.short - before.short) / told),
      live,
      catchingUp: {
        nodeCpuMs: round((cost.nodeUs * ITEMS_PER_REQUEST) / 1000),
        postgresCpuMs: round((cost.postgresUs * ITEMS_PER_REQUEST) / 1000),
      },
      check: { requestsPerSecond: 2 * LIVE_PER_SECOND, predictedCores: coresOf(live), measuredCores: coresOf(twice) },
      itemsPerSecond: Math.round(cost.itemsPerSecond),
      cores,
    }
  } finally {
    await sql.end()
  }
}

const round = (value: number): number => Number(value.toPrecision(3))

async function storedBytes(sql: postgres.Sql): Promise<{ long: number; short: number }> {
  const [row] = await sql<{ long: string; short: string }[]>`
    select
      sum(pg_total_relation_size(relid)) filter (where relname ~ '^(content_requests|request_stages)') as long,
      sum(pg_total_relation_size(relid)) filter (where relname ~ '^(request_events|request_spans)') as short
    from pg_stat_user_tables`
  return { long: Number(row?.long), short: Number(row?.short) }
}
