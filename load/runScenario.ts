import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { cpuSeconds } from '../bench/ingest/cpuSeconds.ts'
import { runK6 } from './runK6.ts'
import { startEar } from './startEar.ts'
import { toResult } from './toResult.ts'
import type { K6Summary, Result } from './toResult.ts'
import { durationSeconds } from './traffic/durationSeconds.ts'
import { watchCores } from './watchCores.ts'
import { watchStream } from './watchStream.ts'

export type RunOptions = { k6: string; file: string; duration: string; rate: string; watchers: number }

/** What k6 measured, and how many cores tracker and Postgres took together while it lasted, its setup left out. */
export type Run = Result & { cores: number }

/** One scenario against a tracker and a Postgres of its own, both as users run them: commits wait for the disk. */
export async function runScenario({ k6, file, duration, rate, watchers }: RunOptions): Promise<Run> {
  const dir = await mkdtemp(join(tmpdir(), 'vividly-load-'))
  await chmod(dir, 0o755)
  const stops: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
    stops.push(postgres.stop)
    const tracker = await startTrackerProcess(postgres.databaseUrl)
    stops.push(tracker.stop)
    const ear = watchers > 0 ? await startEar(`${tracker.url}/api/v1/monitoring/stream`) : undefined
    if (ear) stops.push(ear.close)
    const watching = watchers > 0 ? await watchStream(tracker.url, watchers) : undefined
    const cpu = async () => (await cpuSeconds(tracker.pid())) + (await cpuSeconds(postgres.pid() ?? NaN))
    const coresWatch = await watchCores(cpu, durationSeconds(duration))
    stops.push(coresWatch.end)
    const summaryFile = join(dir, 'summary.json')
    await runK6({ k6, file, env: { TRACKER_URL: tracker.url, EAR_URL: ear?.url, SUMMARY_FILE: summaryFile, DURATION: duration, RATE: rate } })
    const cores = await coresWatch.end()
    const result = toResult(JSON.parse(await readFile(summaryFile, 'utf8')) as K6Summary)
    return { ...result, verdicts: [...result.verdicts, ...((await watching?.end()) ?? [])], cores }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}
