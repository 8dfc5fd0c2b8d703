import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import type { PipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import { openBrowser } from '../tracker-api/src/testing/browser.ts'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'

// The product as it runs: services in processes of their own, the real SDK, a real Postgres, the built page.
let database: TestDatabase
let tracker: TrackerProcess
let pipeline: PipelineProcess
let browser: Browser
beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
  pipeline = await startPipelineProcess(database.url, tracker.url, 20)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await pipeline?.stop()
  await tracker?.stop()
  await database?.drop()
})

async function openPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(`${tracker.url}/monitoring/dashboard`)
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

/** Asks for a video; returns the correlation ID. */
async function ask(topic: string): Promise<string> {
  const { status, body } = await pipeline.ask({ student_id: 's-1001', organization_id: 'northside-high', topic })
  expect(status).toBe(202)
  return body['correlation_id'] ?? ''
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${tracker.url}/api/v1/monitoring${path}`)
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

test('a request is on the page within a second, and its video stage runs before any span of it has ended', async () => {
  const page = await openPage()
  // The first answer warms up what only a first request pays for.
  await ask('Warming up').then((id) => page.locator(`[data-request=${id}]`).waitFor())

  const askedAtMs = performance.now()
  const id = await ask('Photosynthesis in plants')
  const row = page.locator(`[data-request=${id}]`)
  await row.waitFor({ timeout: 1_000 })
  console.log(`asked to shown: ${Math.round(performance.now() - askedAtMs)} ms`)

  await row.locator('.vt-row__stage', { hasText: 'Video generation' }).waitFor({ timeout: 20_000 })
  const ended = await database.sql`
    select p.attributes ->> 'vividly.stage.name' as stage from request_spans p
    where p.request_id = request_id_of(${id}) and p.attributes ? 'vividly.stage.name'`
  expect(ended.map(({ stage }) => stage)).not.toContain('video_generation')
  expect(await get(`/requests/${id}`)).toMatchObject({
    status: 'generating_video',
    current_stage: 'video_generation',
    progress_percentage: 66,
    topic: 'Photosynthesis in plants',
  })

  await expect.poll(async () => (await get(`/requests/${id}`))['status'], { timeout: 30_000 }).toBe('completed')
  await expect.poll(() => row.innerText()).toContain('done')
  const stages = (await get(`/requests/${id}`))['stages'] as { status: string }[]
  expect(stages.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'completed'))
  const { items } = await get(`/requests/${id}/events?limit=200`)
  const types = (items as { event_type: string }[]).map(({ event_type }) => event_type)
  expect(types.filter((type) => type === 'stage_completed')).toHaveLength(6)
  expect(types).toEqual(expect.arrayContaining(['request_created', 'request_started', 'request_completed']))
  await page.close()
})

test('a provider outage opens the breaker on the page, requests say why, and all recovers', async () => {
  const page = await openPage()
  const gemini = page.locator('.vt-breaker', { hasText: 'gemini' })
  const fault = (mode: string, rate: number): Promise<Response> =>
    fetch(`${pipeline.geminiUrl}/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mode, rate }),
    })
  await fault('outage', 1)
  const asked = await Promise.all(['Tides', 'Volcanoes', 'Fractions', 'Enzymes'].map(ask))
  await gemini.getByText('open', { exact: true }).waitFor({ timeout: 30_000 })
  // Those between two tries that it stopped: the badge counts them.
  await gemini.getByRole('link', { name: /^(1 request waits|[2-9] requests wait) for it$/ }).waitFor({ timeout: 30_000 })

  const reasons = async (): Promise<string[]> => {
    const details = await Promise.all(asked.map((id) => get(`/requests/${id}`)))
    return details.flatMap(({ error_message }) => (typeof error_message === 'string' ? [error_message] : []))
  }
  await expect.poll(reasons, { timeout: 30_000 }).toContainEqual(expect.stringMatching(/Gemini/))
  await page.getByText(/Gemini (circuit breaker is open|could not be reached)/).first().waitFor({ timeout: 30_000 })

  await fault('none', 0)
  const after = await ask('The water cycle')
  await expect.poll(async () => (await get(`/requests/${after}`))['status'], { timeout: 60_000 }).toBe('completed')
  await gemini.getByText('closed', { exact: true }).waitFor({ timeout: 30_000 })
  await page.close()
})
