/** `npm run bench:profile -- LOAD`: where Postgres' and Node's time goes under a load. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { Argument, Command } from 'commander'
import { API_BASE } from '@vividly/tracker-api/contract'
import postgres from 'postgres'
import { getK6 } from '../load/getK6.ts'
import { runK6 } from '../load/runK6.ts'
import { cpuSeconds } from './ingest/cpuSeconds.ts'
import { makeWorkload } from './ingest/makeWorkload.ts'
import { postBodies } from './ingest/postBodies.ts'
import { readStatements } from './profile/readStatements.ts'
import { toHotFunctions } from './profile/toHotFunctions.ts'
import { changeAtRate } from './stream/changeAtRate.ts'
import { openListeners } from './stream/openListeners.ts'

const loads = ['stream', 'ingest', 'in_flight'] as const
type Load = (typeof loads)[number]
const command = new Command('bench:profile')
  .description('Prints the costliest SQL statements, those inside functions too, and the busiest functions of Node. Noting them costs time itself: shares count, not sums.')
  .addArgument(new Argument('<load>', 'stream: 100 listeners, 200 posts a second; ingest: batches of 500 as fast as they are taken; in_flight: the k6 scenario').choices(loads))
  .option('--seconds <count>', 'of load', Number, 15)
  .option('--top <count>', 'lines of each table', Number, 20)
  .parse()
const [load] = command.args as [Load]
const { seconds, top } = command.opts<{ seconds: number; top: number }>()

const dir = await mkdtemp(join(tmpdir(), 'vividly-profile-'))
await chmod(dir, 0o755)
const profiles = join(dir, 'profiles')
const settings = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' }
const server = await startEmbeddedPostgres({ dataDir: join(dir, 'data'), settings })
const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => {} })
/** Each calls `begin` when what it does to set up or warm up is over. */
const work: Record<Load, (url: string, begin: () => Promise<void>) => Promise<void>> = {
  stream: async (url, begin) => {
    const listeners = await openListeners(new URL(`${url}${API_BASE}/stream`), 100)
    await changeAtRate(url, 200, 3)
    await begin()
    await changeAtRate(url, 200, seconds)
    await listeners.close()
  },
  ingest: async (url, begin) => {
    await postBodies(url, makeWorkload(300, 500, 'protobuf', Date.now() - 7_200_000), 8)
    await begin()
    const endMs = performance.now() + seconds * 1000
    for (let round = 0; performance.now() < endMs; round += 1) await postBodies(url, makeWorkload(1_000, 500, 'protobuf', Date.now() - 3_600_000), 8)
  },
  in_flight: async (url, begin) => {
    const k6 = await getK6(console.error)
    const ended = runK6({ k6, file: join(import.meta.dirname, '../load/scenarios/in_flight.ts'), env: { TRACKER_URL: url, DURATION: `${seconds}s`, SUMMARY_FILE: join(dir, 'summary.json') } })
    for (let begun = 0; begun < 10_000; ) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      const [row] = await sql<{ begun: number }[]>`select count(*)::integer as begun from content_requests where outcome is null`
      begun = row?.begun ?? 0
    }
    await begin()
    await ended
  },
}

try {
  process.env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${profiles}`
  const tracker = await startTrackerProcess(server.databaseUrl)
  delete process.env['NODE_OPTIONS']
  await sql`create extension if not exists pg_stat_statements`
  try {
    const cpu = async () => [await cpuSeconds(tracker.pid()), await cpuSeconds(server.pid() ?? NaN)] as const
    let [before, startedMs] = [await cpu(), performance.now()]
    await work[load](tracker.url, async () => {
      await sql`select pg_stat_statements_reset()`
      ;[before, startedMs] = [await cpu(), performance.now()]
    })
    const [after, lasted] = [await cpu(), (performance.now() - startedMs) / 1000]
    const [node, database] = after.map((value, i) => ((value - (before[i] ?? 0)) / lasted).toFixed(3))
    console.log(`${load}: ${node} cores of Node and ${database} of Postgres over ${lasted.toFixed(0)} s`)
    console.table(await readStatements(sql, top))
  } finally {
    await tracker.stop()
  }
  console.table(await toHotFunctions(profiles, top))
} finally {
  await sql.end()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
}
