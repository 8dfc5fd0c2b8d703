import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import type { followStream } from '@vividly/tracker-api/testing/followStream'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { compare } from '../outage/compare.ts'
import type { Comparison } from '../outage/compare.ts'
import { startService } from '../outage/startService.ts'
import type { RunningService } from '../outage/startService.ts'
import { compareListener, listAll } from './compareListener.ts'
import { watchAnswers } from './watchAnswers.ts'
import type { Answers } from './watchAnswers.ts'

export type UpgradeOptions = {
  /** Folder of the older release, whose service is replaced by ours. */
  from: string
  /** In flight at any time, over all services. */
  requests: number
  /** Each of: the old alone, the old on the new schema, both. */
  phaseSeconds: number
  say: (line: string) => void
}

export type UpgradeResult = {
  migrations: string[]
  told: Comparison
  answers: Record<'old' | 'new', Answers>
  /** Requests that a listener ended up seeing otherwise than a fresh read. */
  misheard: Record<'old' | 'new', string[]>
}

const root = join(import.meta.dirname, '../..')
const trackerOf = (folder: string): string => join(folder, 'tracker-api/src/main.ts')
/** One program, on each release's own instrumentation. */
const serviceOf = (folder: string): string => join(folder, 'scripts/outage/service.ts')
const streamOf = (trackerUrl: string): string => `${trackerUrl}/api/v1/monitoring/stream`

/**
 * An upgrade as it should be done: the schema first, under the old trackers, then new trackers beside them. Services
 * of both releases send to trackers of both; a page looks and listens at each.
 */
export async function upgradeUnderLoad({ from, requests, phaseSeconds, say }: UpgradeOptions): Promise<UpgradeResult> {
  const dir = await mkdtemp(join(tmpdir(), 'vividly-upgrade-'))
  const ends: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  try {
    const { databaseUrl, stop } = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
    ends.push(stop)
    await mkdir(dirname(serviceOf(from)), { recursive: true })
    await copyFile(serviceOf(root), serviceOf(from))
    const services: RunningService[] = []
    const serve = (endpoint: string): void => {
      for (const folder of [from, root]) {
        const at = services.length
        const notesFile = join(dir, `notes-${at}.jsonl`)
        const service = startService({
          name: `service-${at}`, requests: Math.ceil(requests / 4), notesFile, endpoint, program: serviceOf(folder),
        })
        services.push(service)
        ends.push(() => service.end('SIGKILL'))
      }
    }
    const look = async (trackerUrl: string, folder: string) => {
      // Each release's own reader: it knows what its tracker may say.
      const client = (await import(join(folder, 'tracker-api/src/testing/followStream.ts'))) as { followStream: typeof followStream }
      const stream = await client.followStream(streamOf(trackerUrl))
      ends.push(async () => stream.cut())
      await stream.waitFor('reset')
      // What was heard meanwhile is not older.
      for (const [id, row] of await listAll(trackerUrl)) if (!stream.rows.has(id)) stream.rows.set(id, row)
      return { rows: stream.rows, answers: watchAnswers(trackerUrl) }
    }

    const old = await startTrackerProcess(databaseUrl, trackerOf(from))
    ends.push(old.stop)
    const oldLook = await look(old.url, from)
    serve(old.url)
    say('the old release runs')
    await sleep(phaseSeconds * 1000)
    const migrations = await migrate(databaseUrl)
    say(`migrated under it: ${migrations.join(', ') || 'nothing'}`)
    await sleep(phaseSeconds * 1000)
    const fresh = await startTrackerProcess(databaseUrl)
    ends.push(fresh.stop)
    const newLook = await look(fresh.url, root)
    serve(fresh.url)
    say('the new release runs beside it')
    await sleep(phaseSeconds * 1000)

    await Promise.all(services.map((service) => service.quiet()))
    await Promise.all(services.map((service) => service.end('SIGTERM')))
    say('the services are ended')
    const notes = (await Promise.all(services.map((service) => service.notes()))).flat()
    return {
      migrations,
      told: await compare(databaseUrl, notes, []),
      answers: { old: await oldLook.answers.stop(), new: await newLook.answers.stop() },
      misheard: { old: await compareListener(old.url, oldLook.rows), new: await compareListener(fresh.url, newLook.rows) },
    }
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}
