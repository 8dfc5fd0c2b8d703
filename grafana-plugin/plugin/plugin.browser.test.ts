import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { findViolations } from '../page/testing/findViolations.ts'
import { startFixtureTracker } from '../page/testing/fixtureTracker.ts'
import type { FixtureTracker } from '../page/testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning, sampleRequest } from '../page/testing/sampleRequests.ts'
import { startHost } from './testing/startHost.ts'

const SOON_MS = 5_000
const HOSTILE = '<img src=x onerror="document.title=1"><script>alert(1)</script>\u202Egnp.exe'
/** Neither is in Grafana's npm packages; its server has them. */
const NOT_IN_NPM = /\/public\/(fonts\/|build\/img\/icons\/mono\/circle-mono\.svg)/

let browser: Browser
let tracker: FixtureTracker
let host: Awaited<ReturnType<typeof startHost>>
let upstream: { url: string; token?: string }
let context: BrowserContext
let complaints: string[]
const nowMs = Date.now()
const morning = sampleMorning(nowMs)

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser?.close())

beforeEach(async () => {
  const hostile = sampleRequest({ index: 77, nowMs, ageS: 20, topic: HOSTILE, student: HOSTILE })
  tracker = await startFixtureTracker(
    [...morning, hostile],
    [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)],
  )
  upstream = { url: new URL(tracker.url).origin, token: 'secret' }
  host = await startHost(upstream)
  complaints = []
})
afterEach(async () => {
  await context?.close()
  await host.stop()
  await tracker.stop()
})

async function open(show: string, options: { width?: number; height?: number; query?: object; more?: string; theme?: 'dark' | 'light' } = {}): Promise<Page> {
  const { width = 1280, height = 860, query, more = '', theme = 'dark' } = options
  context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce', locale: 'en-US' })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) complaints.push(message.text())
  })
  page.on('response', (response) => {
    const isProxied = response.url().includes('/proxy/')
    if (response.status() >= 400 && !isProxied && !NOT_IN_NPM.test(response.url())) complaints.push(`${response.status()} ${response.url()}`)
  })
  const asked = query ? `&query=${encodeURIComponent(JSON.stringify(query))}` : ''
  await page.goto(`${host.url}/?show=${show}&theme=${theme}${asked}${more}`)
  return page
}

type Frames = { state: string; errors?: { message: string }[]; frames: { name?: string; meta?: { notices?: { text: string }[]; preferredVisualisationType?: string }; fields: { name: string; type: string; unit?: string; values: unknown[]; links?: { href: string }[] }[] }[] }

async function readFrames(page: Page, until: (answer: Frames) => boolean): Promise<Frames> {
  let answer: Frames = { state: '', frames: [] }
  await expect
    .poll(async () => {
      answer = JSON.parse(await page.getByTestId('frames').innerText()) as Frames
      return until(answer)
    }, { timeout: SOON_MS })
    .toBe(true)
  return answer
}

function column(answer: Frames, name: string): unknown[] {
  return answer.frames[0]?.fields.find((field) => field.name === name)?.values ?? []
}

it('draws the flow in a panel and shows a change soon after its frame', async () => {
  const page = await open('flow-panel')
  await page.getByRole('list', { name: 'Today' }).getByRole('link', { name: /^Active/ }).waitFor()
  await page.getByRole('heading', { name: 'Circuit breakers' }).waitFor()
  await page.getByRole('heading', { name: 'In flight by stage' }).waitFor()
  const created = sampleRequest({ index: 500, nowMs: Date.now(), ageS: 0, topic: 'Black holes', student: 'Ann Lee', version: 1 })
  tracker.change(created)
  const row = page.locator(`[data-request=${created.correlation_id}]`)
  await row.waitFor({ timeout: SOON_MS })
  tracker.change({ ...created, status: 'failed', failed_at: new Date().toISOString(), error_stage: 'validation', error_message: 'The topic is empty', version: 2 })
  await row.getByText('The topic is empty').waitFor({ timeout: SOON_MS })
  expect(complaints).toEqual([])
})

it('opens a request over the dashboard by keys alone, with its trace and logs, and gives the focus back', async () => {
  const page = await open('flow-panel')
  const failed = page.locator('.vt-row--failed').first()
  await failed.getByRole('button', { expanded: false }).focus()
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('dialog')
  await drawer.getByText(/^Failed in Video generation/).waitFor()
  const trace = await drawer.getByRole('link', { name: 'Trace' }).getAttribute('href')
  expect(trace).toMatch(/^\/explore\?.*tempo/)
  await drawer.getByRole('link', { name: 'Logs' }).waitFor()
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
  await expect.poll(() => failed.evaluate((row) => row.contains(document.activeElement))).toBe(true)
})

it('sets a dashboard’s variable instead, where the options say so', async () => {
  const page = await open('flow-panel', { more: `&options=${encodeURIComponent('{"onClick":"variable","variable":"request"}')}` })
  const row = page.locator('.vt-row').first()
  await row.getByRole('button', { expanded: false }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('var-request')).toBe(await row.getAttribute('data-request'))
})

it('takes the filter from its query, and lists what a card counts when it is clicked', async () => {
  const page = await open('flow-panel', { query: { status: 'failed' } })
  await page.locator('.vt-row--failed').first().waitFor()
  expect(await page.locator('.vt-row:not(.vt-row--failed)').count()).toBe(0)
  await page.getByRole('link', { name: /^Completed today/ }).click()
  await page.locator('.vt-row--done').first().waitFor()
  expect(await page.locator('.vt-row--failed').count()).toBe(0)
})

it('holds one stream for the panel, its query and another tab, and lets it go', async () => {
  const page = await open('flow-panel')
  await page.locator('.vt-row').first().waitFor()
  const other = await context.newPage()
  await other.goto(page.url())
  await other.locator('.vt-row').first().waitFor()
  expect(tracker.streamCount()).toBe(1)
  await other.close()
  await page.goto('about:blank')
  await expect.poll(() => tracker.streamCount()).toBe(0)
})

it('says that it is not live while the tracker is away, and recovers by itself to what the tracker has', async () => {
  const page = await open('flow-panel')
  await page.locator('.vt-row').first().waitFor()
  tracker.cut()
  const banner = page.getByTestId('stale-banner')
  await banner.waitFor({ timeout: 10_000 })
  const missed = sampleRequest({ index: 501, nowMs: Date.now(), ageS: 1, topic: 'During the cut', student: null })
  tracker.change(missed)
  tracker.restore()
  await banner.getByRole('button', { name: 'Try now' }).click({ timeout: 2_000 }).catch(() => undefined)
  await banner.waitFor({ state: 'detached', timeout: 35_000 })
  await page.locator(`[data-request=${missed.correlation_id}]`).waitFor({ timeout: SOON_MS })
  expect(complaints).toEqual([])
})

it('draws breakers alone, and one request alone as it goes on', async () => {
  const breakers = await open('breakers-panel', { width: 700, height: 300 })
  await breakers.getByText('nano_banana', { exact: true }).waitFor()
  expect(await breakers.locator('.vt-breaker').first().innerText()).toMatch(/open\s+for/)
  await context.close()

  const failed = morning.find(({ status }) => status === 'failed')
  const page = await open('request-panel', { width: 760, more: `&request=${failed?.correlation_id}` })
  await page.getByText(/^Failed in Video generation/).waitFor()
  expect(await page.locator('.vt-stage').count()).toBe(6)
  expect(await page.getByRole('button', { name: 'Close the request' }).count()).toBe(0)
  await context.close()

  const empty = await open('request-panel', { width: 760 })
  await empty.getByText(/No request is chosen/).waitFor()
})

it('shows hostile text as text', async () => {
  const page = await open('flow-panel', { query: { text: 'onerror' } })
  await page.getByText(HOSTILE).first().waitFor()
  expect(await page.title()).toBe('Grafana host')
})

it('answers queries with typed frames: live requests, numbers, stages of the way, breakers', async () => {
  const requests = await readFrames(await open('frames'), ({ frames }) => (frames[0]?.fields[0]?.values.length ?? 0) > 3)
  expect(requests.state).toBe('Streaming')
  const byName = new Map(requests.frames[0]?.fields.map((field) => [field.name, field]))
  expect(byName.get('created_at')?.type).toBe('time')
  expect(byName.get('elapsed_seconds')).toMatchObject({ type: 'number', unit: 's' })
  const [newest] = byName.get('correlation_id')?.values ?? []
  expect(byName.get('correlation_id')?.links?.[0]?.href).toBe(`/a/vividly-tracker-app?ds=tracker&request=${String(newest)}`)
  await context.close()

  const limited = await readFrames(await open('frames', { query: { limit: 3 } }), ({ frames }) => frames.length > 0)
  expect(column(limited, 'status').length).toBe(3)
  expect(limited.frames[0]?.meta?.notices?.[0]?.text).toMatch(/^The newest 3 of \d+/)
  await context.close()

  const stats = await readFrames(await open('frames', { query: { queryType: 'stats', live: false } }), ({ state }) => state === 'Done')
  expect(column(stats, 'active')).toEqual([7])
  await context.close()

  const lanes = await readFrames(await open('frames', { query: { queryType: 'lanes' } }), ({ frames }) => frames.length > 0)
  expect(column(lanes, 'stage')).toEqual(expect.arrayContaining(['waiting', 'video_generation']))
  expect(column(lanes, 'requests').reduce((sum: number, count) => sum + Number(count), 0)).toBe(7)
  await context.close()

  const breakers = await readFrames(await open('frames', { query: { queryType: 'breakers' } }), ({ frames }) => frames.length > 0)
  expect(column(breakers, 'state')).toEqual(expect.arrayContaining(['open', 'closed']))
})

it('answers for one request with its stages, its events as logs and its spans as a trace, and says when there is none', async () => {
  const [request] = morning
  const of = (queryType: string, requestId = request?.correlation_id) => ({ query: { queryType, requestId } })
  const stages = await readFrames(await open('frames', of('stages')), ({ state }) => state === 'Done')
  expect(column(stages, 'stage').length).toBe(6)
  await context.close()
  const events = await readFrames(await open('frames', of('events')), ({ state }) => state === 'Done')
  expect(events.frames[0]?.meta?.preferredVisualisationType).toBe('logs')
  await context.close()
  const trace = await readFrames(await open('frames', of('trace')), ({ state }) => state === 'Done')
  expect(trace.frames[0]?.meta?.preferredVisualisationType).toBe('trace')
  expect(new Set(column(trace, 'traceID'))).toEqual(new Set([request?.trace_id]))
  await context.close()
  const none = await readFrames(await open('frames', of('stages', 'vvd_1700000000000_00000000')), ({ state }) => state === 'Error')
  expect(none.errors?.[0]?.message).toMatch(/There is no such request/)
  await context.close()
  const unnamed = await readFrames(await open('frames', of('trace', '')), ({ state }) => state === 'Error')
  expect(unnamed.errors?.[0]?.message).toMatch(/^Name a request/)
})

it('answers with deploys, named as annotations are', async () => {
  const answer = await readFrames(await open('frames', { query: { queryType: 'deployments' } }), ({ state }) => state === 'Done')
  expect(column(answer, 'title')).toEqual(['script-worker 1.9.2', 'video-worker 2.4.0'])
  expect(column(answer, 'tags')).toEqual([['deploy', 'script-worker'], ['deploy', 'video-worker']])
  expect(answer.frames[0]?.fields[0]).toMatchObject({ name: 'time', type: 'time' })
})

it('is the whole screen as the app’s page, with what is shown in the address', async () => {
  const page = await open('app')
  await page.locator('.vt-row--failed').first().getByRole('button', { expanded: false }).click()
  await page.getByRole('dialog').getByText(/^Failed in Video generation/).waitFor()
  expect(new URL(page.url()).pathname).toBe('/a/vividly-tracker-app')
  expect(new URL(page.url()).searchParams.get('request')).toMatch(/^vvd_/)
  await page.goBack()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
})

it('does the same with the React 18 of Grafana before 13.2', async () => {
  await host.stop()
  host = await startHost(upstream, 18)
  const page = await open('flow-panel')
  await page.locator('.vt-row--failed').first().getByRole('button', { expanded: false }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText(/^Failed in Video generation/).waitFor()
  await drawer.getByRole('button', { name: 'Close the request' }).click()
  await drawer.waitFor({ state: 'detached' })
  const created = sampleRequest({ index: 502, nowMs: Date.now(), ageS: 0, topic: 'Eighteen', student: null })
  tracker.change(created)
  // The focus is back among the rows, so that none of them moves.
  await page.getByRole('button', { name: '1 new' }).click({ timeout: SOON_MS })
  await page.locator(`[data-request=${created.correlation_id}]`).waitFor({ timeout: SOON_MS })
  expect(complaints).toEqual([])
})

for (const theme of ['dark', 'light'] as const) {
  for (const width of [1280, 640, 390]) {
    it(`has nothing that axe objects to, ${theme} at ${width} px`, async () => {
      const page = await open('flow-panel', { width, theme, height: 1400 })
      await page.locator('.vt-row').first().waitFor()
      expect(await findViolations(page, '.vt-embed')).toEqual([])
      expect(await page.evaluate(() => document.querySelector('.vt-embed__pane')?.scrollWidth)).toBeLessThanOrEqual(width)
    })
  }
}
