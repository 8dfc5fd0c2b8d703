import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { z } from 'zod'
import { faultRoutes, injectBaseErrors, injectFaults, type SimulatorEnv, slowness } from './faults.ts'
import type { SimulatorOptions } from './geminiApp.ts'
import { drawLatencyMs } from './latency.ts'
import { renderVideo } from './renderVideo.ts'
import type { VideoJob, VideoJobs } from './VideoJobs.ts'

/** Seconds on average at speed 1: for the whole video, and for the answer to one call. */
const RENDER_SECONDS = 120
const CALL_SECONDS = 0.5
const PHASES = ['storyboard', 'key frames', 'motion', 'voice', 'final cut'] as const

const submission = z.object({ script: z.string().min(1).max(100_000) })

export type NanoBananaOptions = SimulatorOptions & { jobs: VideoJobs; nowUnixMs: () => number }

/**
 * The simulated video provider:
 * - `POST /v1/videos {"script"}` → 202 `{id}`; the same `Idempotency-Key` gives the same job, unless that one failed.
 * - `GET /v1/videos/{id}` → `{status: "rendering" | "succeeded" | "failed", progress: 0-1, message, download_url}`.
 * - `GET /v1/videos/{id}/file` → the video, once it has succeeded.
 */
export function createNanoBananaApp(options: NanoBananaOptions): Hono<SimulatorEnv> {
  const { speed, errorRate, random, faults, jobs, nowUnixMs } = options

  const progressOf = (job: VideoJob) => Math.min(1, Math.max(0, (nowUnixMs() - job.startedAtUnixMs) / job.renderMs))
  const isBroken = (job: VideoJob) => job.breaks && progressOf(job) > 0.5
  const answerTime = () => sleep(drawLatencyMs((CALL_SECONDS * 1000) / speed, random) * slowness(faults, random))

  async function findOrCreate(givenKey: string | undefined, script: string): Promise<VideoJob> {
    const known = jobs.findByKey(givenKey ?? '')
    if (known && !isBroken(known)) return known
    const id = `nb-${randomUUID().slice(0, 8)}`
    const renderMs = drawLatencyMs((RENDER_SECONDS * 1000) / speed, random) * slowness(faults, random)
    const breaks = random() < errorRate / 2
    const job = { id, key: givenKey ?? id, script, startedAtUnixMs: nowUnixMs(), renderMs, breaks }
    await jobs.add(job)
    return job
  }

  return new Hono<SimulatorEnv>()
    .route('/faults', faultRoutes(faults))
    .use('/v1/*', injectFaults(faults, random))
    .post('/v1/videos', injectBaseErrors(errorRate, random), async (c) => {
      const body = submission.safeParse(await c.req.json().catch(() => undefined))
      if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 400)
      await answerTime()
      const { id } = await findOrCreate(c.req.header('Idempotency-Key'), body.data.script)
      return c.json({ id }, 202)
    })
    .get('/v1/videos/:id', async (c) => {
      await answerTime()
      const job = jobs.find(c.req.param('id'))
      if (!job) return c.json({ error: 'There is no such video' }, 404)
      const progress = progressOf(job)
      if (isBroken(job)) return c.json({ status: 'failed', progress, message: 'The renderer ran out of memory', download_url: null })
      if (progress < 1) return c.json({ status: 'rendering', progress, message: phaseAt(progress), download_url: null })
      return c.json({ status: 'succeeded', progress, message: 'done', download_url: `/v1/videos/${job.id}/file` })
    })
    .get('/v1/videos/:id/file', async (c) => {
      await answerTime()
      const job = jobs.find(c.req.param('id'))
      if (!job || isBroken(job) || progressOf(job) < 1) return c.json({ error: 'There is no such file' }, 404)
      return c.body(renderVideo(job.script), 200, { 'Content-Type': 'image/svg+xml' })
    })
}

const phaseAt = (progress: number): string => PHASES[Math.floor(progress * PHASES.length)] ?? 'final cut'
