import process from 'node:process'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { launchPipeline } from './launch/launchPipeline.ts'
import { parseOptions } from './launch/parseOptions.ts'
import { readSettings } from './settings.ts'
import { startTrickle } from './trickle/startTrickle.ts'

/** What has been started, to be stopped in reverse order. */
const started: (() => Promise<void> | void)[] = []
let stopping = false

async function stop(exitCode: number): Promise<void> {
  if (stopping) return
  stopping = true
  for (const stopOne of started.reverse()) await stopOne()
  process.exit(exitCode)
}

async function start(): Promise<void> {
  const { settings, trickle, ratePerMinute } = parseOptions(process.argv, readSettings())
  if (settings.databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir: settings.dataDir })
    started.push(postgres.stop)
    settings.databaseUrl = postgres.databaseUrl
  }
  const pipeline = launchPipeline(settings)
  started.push(pipeline.stop)
  const { intakeUrl, geminiUrl, nanoBananaUrl } = await pipeline.accepting
  // Requests are taken from here on and wait for the workers, so that the first is on the page soon.
  if (trickle) started.push(startTrickle(intakeUrl, ratePerMinute, Math.random).stop)
  await pipeline.working
  console.log(
    [
      `Content pipeline at speed ${settings.speed}${trickle ? `, ${ratePerMinute} requests a minute` : ''}. Ask for a video:`,
      `  curl -X POST ${intakeUrl}/content-requests -H 'Content-Type: application/json' -d '{"student_id":"s-1001","topic":"Photosynthesis"}'`,
      'Break a provider (mode none, slow, 429, 500, hang or outage; rate is the share of calls hit):',
      `  curl -X PUT ${geminiUrl}/faults -d '{"mode":"outage","rate":1}'        # Gemini`,
      `  curl -X PUT ${nanoBananaUrl}/faults -d '{"mode":"429","rate":0.5}'     # Nano Banana`,
    ].join('\n'),
  )
}

process.on('SIGINT', () => void stop(0)).on('SIGTERM', () => void stop(0)).on('disconnect', () => void stop(0))
await start().catch(async (error: unknown) => {
  if (!stopping) console.error(error instanceof Error ? error.message : error)
  await stop(1)
})
