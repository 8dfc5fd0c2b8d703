/** `npm run outage`: stops the tracker under requests in flight, kills their services, and looks what is missing. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { startTracker } from '@vividly/tracker-api/startTracker'
import { Command, InvalidArgumentError } from 'commander'
import { compare } from './outage/compare.ts'
import { startService } from './outage/startService.ts'
import type { RunningService } from './outage/startService.ts'

const SERVICES = 5
const BEFORE_MS = 8000
/** The longest wait between two tries, and the sending: of what gathered in a minute away, that takes seconds. */
const AFTER_MS = 20_000
const AFTER_MS_PER_MINUTE = 15_000
/** Small enough that it overflows within half a minute. */
const BUFFER_BYTES_WITHOUT_SPOOL = 150_000

const positive = (text: string): number => {
  if (Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('It must be a number above 0.')
}
const options = new Command('npm run outage --')
  .description(
    'Stops the tracker under requests in flight, then compares what the services called with what Postgres has. ' +
      'With a spool every service is killed with -9 and started again meanwhile, and no life-cycle record may be ' +
      'missing; without one their memory is small, and gaps must tell exactly what is missing of each request.',
  )
  .option('--minutes <minutes>', 'how long the tracker is away', positive, 10)
  .option('--requests <count>', 'in flight at any time', positive, 50)
  .option('--no-spool', 'keep telemetry in memory only')
  .parse()
  .opts<{ minutes: number; requests: number; spool: boolean }>()

const startMs = Date.now()
const say = (text: string): void => console.log(`${((Date.now() - startMs) / 1000).toFixed(0).padStart(5)} s  ${text}`)

const dir = await mkdtemp(join(tmpdir(), 'vividly-outage-'))
await chmod(dir, 0o755)
const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
const { databaseUrl } = postgres
const config = { host: '127.0.0.1', otlpPort: undefined, dataDir: dir, databaseUrl, logLevel: 'fatal' } as const
let tracker = await startTracker({ ...config, port: 0 })
const port = Number(new URL(tracker.url).port)

function start(at: number): RunningService {
  return startService({
    name: `service-${at}`,
    requests: Math.floor(options.requests / SERVICES) + (at < options.requests % SERVICES ? 1 : 0),
    notesFile: join(dir, `notes-${at}.jsonl`),
    endpoint: `http://127.0.0.1:${port}`,
    env: options.spool
      ? { VIVIDLY_SPOOL_DIR: join(dir, 'spool') }
      : { VIVIDLY_MAX_BUFFER_BYTES: String(BUFFER_BYTES_WITHOUT_SPOOL) },
  })
}

const services = Array.from({ length: SERVICES }, (_, at) => start(at))
const killsMs: number[] = []
try {
  say(`${options.requests} requests in flight in ${SERVICES} services`)
  await sleep(BEFORE_MS)
  await tracker.stop()
  say(`the tracker is stopped for ${options.minutes} minutes`)
  for (let at = 0; at < SERVICES; at += 1) {
    await sleep((options.minutes * 60_000) / (SERVICES + 1))
    const service = services[at]
    if (!options.spool || service === undefined) continue
    killsMs.push(Date.now())
    await service.end('SIGKILL')
    services[at] = start(at)
    say(`service-${at} is killed and started again`)
  }
  await sleep((options.minutes * 60_000) / (SERVICES + 1))
  tracker = await startTracker({ ...config, port })
  say('the tracker is back')
  await sleep(AFTER_MS + options.minutes * AFTER_MS_PER_MINUTE)
  await Promise.all(services.map((service) => service.quiet()))
  await Promise.all(services.map((service) => service.end('SIGTERM')))
  say('the services are ended')
  const notes = (await Promise.all(services.map((service) => service.notes()))).flat()
  const result = await compare(databaseUrl, notes, killsMs)
  console.table(result)
  const isGood = options.spool
    ? result.missing === result.missingAtKills
    : result.inexact === 0 && result.missing + result.missingOthers > 0
  if (!isGood) process.exitCode = 1
  say(isGood ? 'as it should be' : 'NOT as it should be')
} finally {
  await Promise.all(services.map((service) => service.end('SIGKILL')))
  await tracker.stop()
  await postgres.stop()
  await rm(dir, { recursive: true, force: true })
}
