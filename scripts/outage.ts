/** `npm run outage`: stops the tracker under requests in flight, kills their services, and looks what is missing. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { startTracker } from '@vividly/tracker-api/startTracker'
import { Command, InvalidArgumentError } from 'commander'
import { compare } from './outage/compare.ts'
import type { Note } from './outage/compare.ts'

const SERVICES = 5
const BEFORE_MS = 8000
/** The longest wait between two tries, and the sending: of what gathered in a minute away, that takes seconds. */
const AFTER_MS = 20_000
const AFTER_MS_PER_MINUTE = 15_000
const CALM_MS = 1000
/** Small enough that it overflows within half a minute. */
const BUFFER_BYTES_WITHOUT_SPOOL = 150_000
const program = join(import.meta.dirname, 'outage/service.ts')

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

const notesOf = (at: number): string => join(dir, `notes-${at}.jsonl`)
function startService(at: number): ChildProcess {
  const requests = Math.floor(options.requests / SERVICES) + (at < options.requests % SERVICES ? 1 : 0)
  return spawn(process.execPath, [program, `service-${at}`, String(requests), notesOf(at)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      ...(options.spool
        ? { VIVIDLY_SPOOL_DIR: join(dir, 'spool') }
        : { VIVIDLY_MAX_BUFFER_BYTES: String(BUFFER_BYTES_WITHOUT_SPOOL) }),
    },
  })
}
async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

const services = Array.from({ length: SERVICES }, (_, at) => startService(at))
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
    await end(service, 'SIGKILL')
    services[at] = startService(at)
    say(`service-${at} is killed and started again`)
  }
  await sleep((options.minutes * 60_000) / (SERVICES + 1))
  tracker = await startTracker({ ...config, port })
  say('the tracker is back')
  await sleep(AFTER_MS + options.minutes * AFTER_MS_PER_MINUTE)
  for (const service of services) service.send('the end is near')
  await sleep(CALM_MS)
  await Promise.all(services.map((service) => end(service, 'SIGTERM')))
  say('the services are ended')
  const files = await Promise.all(services.map((_, at) => readFile(notesOf(at), 'utf8')))
  const notes = files.flatMap((file) => file.split('\n').filter(Boolean)).map((line) => JSON.parse(line) as Note)
  const result = await compare(databaseUrl, notes, killsMs)
  console.table(result)
  const isGood = options.spool
    ? result.missing === result.missingAtKills
    : result.inexact === 0 && result.missing + result.missingOthers > 0
  if (!isGood) process.exitCode = 1
  say(isGood ? 'as it should be' : 'NOT as it should be')
} finally {
  await Promise.all(services.map((service) => end(service, 'SIGKILL')))
  await tracker.stop()
  await postgres.stop()
  await rm(dir, { recursive: true, force: true })
}
