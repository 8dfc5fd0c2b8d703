/** `npm run bench:queries`: how long each endpoint that reads takes at a million requests, over HTTP and as SQL. */
import { join } from 'node:path'
import { API_BASE } from '@vividly/tracker-api/contract'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { Command } from 'commander'
import { cpuSeconds } from './ingest/cpuSeconds.ts'
import { quantile } from './measure/quantile.ts'
import { writeFigures } from './measure/writeFigures.ts'
import { createClient } from './queries/createClient.ts'
import { findKnown } from './queries/findKnown.ts'
import { measureCall } from './queries/measureCall.ts'
import { openMonitoring } from './queries/openMonitoring.ts'
import { openSeeded } from './queries/openSeeded.ts'
import { readCalls } from './queries/readCalls.ts'

type Options = { requests: number; active: number; days: number; calls: number; only?: string; data?: string; json?: string }

const options = new Command('bench:queries')
  .description('Prints the milliseconds of each endpoint that reads, warm and one call at a time. Seeding a million requests takes minutes, once a folder.')
  .option('--requests <count>', 'finished requests', Number, 1_000_000)
  .option('--active <count>', 'requests in flight', Number, 10_000)
  .option('--days <count>', 'how far the finished reach back', Number, 30)
  .option('--calls <count>', 'calls of each kind', Number, 300)
  .option('--only <part>', 'only calls whose name has this part')
  .option('--data <folder>', 'where the database is and stays; what it shows as of today is as old as it is')
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<Options>()
const { requests, active, days, calls, only = '' } = options

const dataDir = options.data ?? join(import.meta.dirname, `../.cache/bench/requests-${requests}-${new Date().toISOString().slice(0, 13)}`)
const say = (line: string) => console.error(line)
const seeded = await openSeeded(dataDir, { finished: requests, active, days, withEvents: Math.min(requests, 20_000) }, say)
const tracker = await startTrackerProcess(seeded.server.databaseUrl)
const monitoring = openMonitoring(seeded.server.databaseUrl)
const client = createClient(tracker.url + API_BASE)
const figures: Record<string, Record<string, number>> = {}
try {
  const known = await findKnown(seeded.sql, monitoring.fetchJson)
  for (const { name, promised, path } of readCalls.filter(({ name }) => name.includes(only))) {
    const before = await servingSeconds()
    let asked = 0
    const http = await measureCall((n) => {
      asked += 1
      return client.getJson(path(known, n))
    }, calls)
    const cpuMs = ((await servingSeconds()) - before) * (1000 / asked)
    monitoring.pool.tookMs.length = 0
    await measureCall((n) => monitoring.fetchJson(path(known, n)), calls, 2_000)
    const sqlMs = quantile(monitoring.pool.tookMs, 0.5)
    figures[name] = { p50: http.p50, p99: http.p99, sql_p50: sqlMs, cpu: cpuMs, promised_p50: promised.p50, promised_p99: promised.p99, calls: http.calls }
    say(`${name} ${http.p50.toFixed(2)} ${http.p99.toFixed(2)}`)
  }
} finally {
  client.close()
  await monitoring.close()
  await tracker.stop()
  await seeded.close()
}
/** Of tracker and Postgres, which are below this process, without it. */
async function servingSeconds(): Promise<number> {
  const { user, system } = process.cpuUsage()
  return (await cpuSeconds(process.pid)) - (user + system) / 1e6
}
const ms = (value = NaN) => Number(value.toPrecision(3))
console.table(
  Object.fromEntries(
    Object.entries(figures).map(([name, { p50 = NaN, p99 = NaN, sql_p50, cpu, promised_p50 = 0, promised_p99 = 0 }]) => [
      name,
      {
        'p50 ms': ms(p50), 'p99 ms': ms(p99), 'SQL p50 ms': ms(sql_p50), 'CPU ms': ms(cpu), 'promised': `${promised_p50} / ${promised_p99}`,
        'held': p50 <= promised_p50 && p99 <= promised_p99 ? 'yes' : 'NO',
      },
    ]),
  ),
)
await writeFigures(options.json, figures)
