import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { z } from 'zod'
import { faultRoutes, injectBaseErrors, injectFaults, type SimulatorEnv, slowness } from './faults.ts'
import type { SimulatorOptions } from './geminiApp.ts'
import { drawLatencyMs } from './latency.ts'
import { renderVideo } from './renderVideo.ts'

/** Seconds on average at speed 1: for the whole video, and for the answer to one call. */
const RENDER_SECONDS = 120
const CALL_SECONDS = 0.5
/** Older jobs are forgotten, so that a simulator that runs for weeks stays small. */
const MAX_JOBS = 1000
const PHASES = ['storyboard', 'key frames', 'motion', 'voice', 'final cut'] as const

const submission = z.object({ script: z.string().min(1).max(100_000) })

type Job = { id: string; script: string; startedAtMs: number; renderMs: number; breaks: boolean }

/**
 * The simulated video provider:
 * - `POST /v1/videos {"script"}` → 202 `{id}`; the same `Idempotency-Key` gives the same job, unless that one failed.
 * - `GET /v1/videos/{id}` → `{status: "rendering" | "succeeded" | "failed", progress: 0-1, message, download_url}`.
 * - `GET /v1/videos/{id}/file` → the video, once it has succeeded.
 */
export function createNanoBananaApp(options: SimulatorOptions & { nowMs: () => number }): Hono<SimulatorEnv> {
  const { speed, errorRate, random, faults, nowMs } = options
  const jobs = new Map<string, Job>()
  const jobOfKey = new Map<string, string>()
  let submitted = 0

  const progressOf = (job: Job) => Math.min(1, (nowMs() - job.startedAtMs) / job.renderMs)
  const isBroken = (job: Job) => job.breaks && progressOf(job) > 0.5
  const answerTime = () => sleep(drawLatencyMs((CALL_SECONDS * 1000) / speed, random) * slowness(faults, random))

  function findOrCreate(key: string, script: string): Job {
    const known = jobs.get(jobOfKey.get(key) ?? '')
    if (known && !isBroken(known)) return known
    submitted += 1
    const renderMs = drawLatencyMs((RENDER_SECONDS * 1000) / speed, random) * slowness(faults, random)
    const job = { id: `nb-${submitted}`, script, startedAtMs: nowMs(), renderMs, breaks: random() < errorRate / 2 }
    jobs.set(job.id, job)
    if (key !== '') jobOfKey.set(key, job.id)
    forgetOldest(jobs)
    forgetOldest(jobOfKey)
    return job
  }

  return new Hono<SimulatorEnv>()
    .route('/faults', faultRoutes(faults))
    .use('/v1/*', injectFaults(faults, random))
    .post('/v1/videos', injectBaseErrors(errorRate, random), async (c) => {
      const body = submission.safeParse(await c.req.json().catch(() => undefined))
      if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 400)
      await answerTime()
      return c.json({ id: findOrCreate(c.req.header('Idempotency-Key') ?? '', body.data.script).id }, 202)
    })
    .get('/v1/videos/:id', async (c) => {
      await answerTime()
      const job = jobs.get(c.req.param('id'))
      if (!job) return c.json({ error: 'There is no such video' }, 404)
      const progress = progressOf(job)
      if (isBroken(job)) return c.json({ status: 'failed', progress, message: 'The renderer ran out of memory', download_url: null })
      if (progress < 1) return c.json({ status: 'rendering', progress, message: phaseAt(progress), download_url: null })
      return c.json({ status: 'succeeded', progress, message: 'done', download_url: `/v1/videos/${job.id}/file` })
    })
    .get('/v1/videos/:id/file', async (c) => {
      await answerTime()
      const job = jobs.get(c.req.param('id'))
      if (!job || isBroken(job) || progressOf(job) < 1) return c.json({ error: 'There is no such file' }, 404)
      return c.body(renderVideo(job.script), 200, { 'Content-Type': 'image/svg+xml' })
    })
}

const phaseAt = (progress: number): string => PHASES[Math.floor(progress * PHASES.length)] ?? 'final cut'

function forgetOldest(entries: Map<string, unknown>): void {
  for (const key of entries.keys()) {
    if (entries.size <= MAX_JOBS) return
    entries.delete(key)
  }
}
