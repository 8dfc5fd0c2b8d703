/** `npm run scaling`: the tables of docs/scaling.md, from what one request costs; `--measure` measures that anew. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { Command } from 'commander'
import { measureCosts } from './scaling/measureCosts.ts'
import type { Costs } from './scaling/measureCosts.ts'
import { putTables } from './scaling/putTables.ts'
import { toScalingTables } from './scaling/toScalingTables.ts'

const measured = join(import.meta.dirname, 'scaling/measured.json')
const page = join(import.meta.dirname, '../docs/scaling.md')
const REQUESTS = 2_000
const LIVE_SECONDS = 12

const { measure } = new Command('npm run scaling --')
  .description('Writes the tables of docs/scaling.md from scripts/scaling/measured.json and the model beside it.')
  .option('--measure', 'what one request costs on this machine, first (Linux)')
  .parse()
  .opts<{ measure?: true }>()

if (measure) {
  const dataDir = await mkdtemp(join(tmpdir(), 'vividly-scaling-'))
  const server = await startEmbeddedPostgres({ dataDir })
  try {
    await migrate(server.databaseUrl)
    const costs = await measureCosts(server.databaseUrl, server.pid() ?? Number.NaN, { requests: REQUESTS, liveSeconds: LIVE_SECONDS, cores: availableParallelism() })
    await writeFile(measured, `${JSON.stringify(costs, null, 2)}\n`)
    console.table(costs)
  } finally {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
const costs = JSON.parse(await readFile(measured, 'utf8')) as Costs
await writeFile(page, putTables(await readFile(page, 'utf8'), toScalingTables(costs)))
console.log(toScalingTables(costs))
