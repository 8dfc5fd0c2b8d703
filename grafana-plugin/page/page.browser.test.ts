import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { findViolations } from './testing/findViolations.ts'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning, sampleRequest } from './testing/sampleRequests.ts'

const PLUGIN = fileURLToPath(new URL('..', import.meta.url))
/** A frame is on the screen within some 250 ms; the rest is room for a busy machine. */
const SOON_MS = 5_000
const HOSTILE = '<img src=x onerror="document.title=1"><script>alert(1)</script>\u202Egnp.exe'

let browser: Browser
let tracker: FixtureTracker
let context: BrowserContext
let complaints: string[]
const nowMs = Date.now()

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser?.close())

beforeEach(async () => {
  const hostile = sampleRequest({ index: 77, nowMs, ageS: 20, topic: HOSTILE + ' long'.repeat(200), student: 'x'.repeat(300) })
  const breakers = [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)]
  tracker = await startFixtureTracker([...sampleMorning(nowMs), hostile], breakers)
  complaints = []
})
afterEach(async () => {
  await context?.close()
  await tracker.stop()
})

async function openPage(options: { width?: number; dark?: boolean; query?: string } = {}): Promise<Page> {
  const { width = 1280, dark = false, query = '' } = options
  context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-US',
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) complaints.push(message.text())
  })
  await page.goto(tracker.url + query)
  await page.locator('.vt-row').first().waitFor()
  return page
}

it('shows a change soon after its frame, and no complaint of the content security policy', async () => {
  const page = await openPage()
  await page.getByText('Live', { exact: true }).waitFor()
  const created = sampleRequest({ index: 500, nowMs: Date.now(), ageS: 0, topic: 'Black holes', student: 'Ann Lee', version: 1 })
  tracker.change(created)
  const row = page.locator(`[data-request=${created.correlation_id}]`)
  await row.waitFor({ timeout: SOON_MS })
  expect(await row.locator('.vt-row__state').innerText()).toContain('waiting')

  const stages = created.stages.map((stage, index) => ({
    ...stage,
    status: index < 3 ? ('completed' as const) : index === 3 ? ('in_progress' as const) : ('pending' as const),
  }))
  tracker.change({ ...created, status: 'generating_video', current_stage: 'video_generation', progress_percentage: 66, stages, version: 7 })
  await row.locator('.vt-pill--running').waitFor({ timeout: SOON_MS })
  tracker.change({ ...created, version: 3 })
  await page.waitForTimeout(400)
  expect(await row.locator('.vt-row__state').innerText()).toContain('running')
  expect(await row.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('66')
  expect(complaints).toEqual([])
})

it('says since when it is not live while the tracker is away, and recovers by itself', async () => {
  const page = await openPage()
  await page.getByText('Live', { exact: true }).waitFor()
  const cardsTop = await page.locator('.vt-cards').boundingBox()
  tracker.cut()
  const banner = page.getByTestId('stale-banner')
  await banner.waitFor({ timeout: 10_000 })
  expect(await banner.innerText()).toMatch(/Not live since \d\d:\d\d:\d\d/)
  expect(await page.locator('.vt-cards').boundingBox()).toEqual(cardsTop)
  const elapsed = page.locator('.vt-group--active .vt-row__time').last()
  const before = await elapsed.innerText()
  await page.waitForTimeout(2_100)
  expect(await elapsed.innerText()).toBe(before)
  expect(await findViolations(page)).toEqual([])

  tracker.restore()
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 35_000 })
  await banner.waitFor({ state: 'detached' })
  tracker.change(sampleRequest({ index: 501, nowMs: Date.now(), ageS: 0, topic: 'After the cut', student: null }))
  await page.getByText('After the cut').waitFor({ timeout: SOON_MS })
})

it('has one stream for all tabs of a browser, which another tab takes over when that one closes', async () => {
  const first = await openPage()
  await first.getByText('Live', { exact: true }).waitFor()
  const second = await context.newPage()
  await second.goto(tracker.url)
  const third = await context.newPage()
  await third.goto(tracker.url)
  for (const page of [second, third]) await page.getByText('Live', { exact: true }).waitFor()
  expect(tracker.streamCount()).toBe(1)

  const told = sampleRequest({ index: 510, nowMs: Date.now(), ageS: 0, topic: 'Told to all', student: null })
  tracker.change(told)
  for (const page of [first, second, third]) await page.locator(`[data-request=${told.correlation_id}]`).waitFor({ timeout: SOON_MS })

  await first.close()
  await expect.poll(() => tracker.streamCount(), { timeout: SOON_MS }).toBe(1)
  const later = sampleRequest({ index: 511, nowMs: Date.now(), ageS: 0, topic: 'After the first left', student: null })
  await expect.poll(async () => {
    tracker.change({ ...later, version: later.version + Date.now() })
    return (await second.locator(`[data-request=${later.correlation_id}]`).count()) + (await third.locator(`[data-request=${later.correlation_id}]`).count())
  }, { timeout: SOON_MS }).toBe(2)

  tracker.cut()
  for (const page of [second, third]) await page.getByTestId('stale-banner').waitFor({ timeout: 10_000 })
  tracker.restore()
  await third.getByRole('button', { name: 'Try now' }).click()
  for (const page of [second, third]) await page.getByText('Live', { exact: true }).waitFor({ timeout: 35_000 })
  expect(tracker.streamCount()).toBe(1)
  expect(complaints).toEqual([])
})

it('opens a request beside the list under its own address, keeps it over a reload and gives the focus back', async () => {
  const page = await openPage()
  const failed = page.locator('.vt-row--failed').first()
  await failed.getByRole('button', { expanded: false }).focus()
  await page.keyboard.press('Enter')
  const detail = page.locator('#vt-detail')
  await detail.getByText(/^Failed in Video generation/).waitFor()
  expect(page.url()).toContain(`request=${await failed.getAttribute('data-request')}`)
  expect(await detail.locator('.vt-stage').count()).toBe(6)
  await detail.getByText('Stack').first().click()
  await detail.getByText('at pollVideo').first().waitFor()
  await detail.getByLabel('Stage', { exact: true }).selectOption('script_generation')
  expect(new Set(await detail.locator('.vt-event__what p:first-child .vt-muted').allInnerTexts())).toEqual(new Set([' Script generation']))
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'detached' })
  expect(await failed.evaluate((row) => row.contains(document.activeElement))).toBe(true)

  await page.goBack()
  await page.reload()
  await detail.getByText(/^Failed in Video generation/).waitFor()
  expect(complaints).toEqual([])
})

it('covers the phone with the detail, lets nothing behind it be reached, and gives the focus back', async () => {
  const page = await openPage({ width: 390 })
  const first = page.locator('.vt-row').first()
  await first.getByRole('button', { expanded: false }).focus()
  await page.keyboard.press('Enter')
  const detail = page.locator('#vt-detail')
  await detail.locator('.vt-event').first().waitFor()
  for (let press = 0; press < 40; press += 1) await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('.vt-main, .vt-bar') ?? null)).toBeNull()
  await detail.getByRole('button', { name: 'Close the request' }).click()
  await detail.waitFor({ state: 'detached' })
  expect(await first.evaluate((row) => row.contains(document.activeElement))).toBe(true)
})

it('is worked by keys alone, and a search takes an ID in any spelling', async () => {
  const page = await openPage()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const second = page.locator('.vt-row').nth(1)
  expect(await second.evaluate((row) => row.contains(document.activeElement))).toBe(true)
  await page.keyboard.press('p')
  await page.getByText('Paused').waitFor()
  await page.keyboard.press('p')
  await page.getByText('Live', { exact: true }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  const [, wanted] = sampleMorning(nowMs)
  await page.keyboard.type(`ticket: 00-${wanted?.trace_id}-0123456789abcdef-01`)
  await page.keyboard.press('Enter')
  await page.locator('#vt-detail').getByText(wanted?.correlation_id ?? '').waitFor()
  expect(await page.getByRole('searchbox').inputValue()).toBe('')
})

it('lists what a card counts', async () => {
  const page = await openPage()
  const more = { index: 503, ageS: 0, topic: 'Failed now', student: null, outcome: 'failed', failedStage: 'validation' } as const
  tracker.change(sampleRequest({ ...more, nowMs: Date.now() }))
  await page.getByText('Failed now').waitFor()
  for (const name of ['Active', 'Completed today', 'Failed today']) {
    const card = page.locator('.vt-card', { hasText: name })
    const counted = Number(await card.locator('.vt-card__value').innerText())
    await card.click()
    await page.waitForFunction((count) => document.querySelectorAll('.vt-row').length === count, counted)
    expect(await card.getAttribute('aria-current')).toBe('true')
    await page.goBack()
    await page.waitForFunction(() => document.querySelectorAll('.vt-row').length > 10)
  }
})

it('moves no row under the pointer: new ones wait above the list', async () => {
  const page = await openPage()
  const first = page.locator('.vt-row').first()
  await first.hover()
  const before = await first.getAttribute('data-request')
  const fresh = sampleRequest({ index: 502, nowMs: Date.now(), ageS: 5, topic: 'Just failed', student: null, outcome: 'failed', failedStage: 'validation' })
  tracker.change(fresh)
  // By key: a pointer on its way there has left the list, which then holds nothing back.
  await page.getByRole('button', { name: '1 new' }).press('Enter')
  await page.locator(`[data-request=${fresh.correlation_id}]`).waitFor()
  expect(await first.getAttribute('data-request')).not.toBe(before)
})

it('shows hostile text as text', async () => {
  const page = await openPage()
  const row = page.locator('.vt-row', { hasText: '<img src=x' })
  await row.waitFor()
  expect(await row.locator('img, script').count()).toBe(0)
  expect(await page.title()).toBe('2 failed · Vividly requests')
  expect(complaints).toEqual([])
})

it('asks nobody but the tracker', async () => {
  const page = await openPage()
  const hosts = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => new URL(entry.name).host))
  expect(new Set(hosts)).toEqual(new Set([new URL(tracker.url).host]))
})

it('brings at most 150 kB of script, compressed', () => {
  const assets = `${PLUGIN}dist/page/assets`
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(0)
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(`${assets}/${name}`)).length, 0)
  expect(bytes).toBeLessThan(150_000)
})

it('counts what is in flight by stage, and a lane lists what is in it', async () => {
  const page = await openPage()
  const lane = page.getByRole('link', { name: /^Video generation/ })
  const count = Number(await lane.locator('.vt-lane__count').innerText())
  expect(count).toBeGreaterThan(0)
  await lane.click()
  expect(new URL(page.url()).search).toBe('?status=active&stage=video_generation')
  await expect.poll(() => page.locator('.vt-row').count()).toBe(count)
  await page.getByRole('list', { name: 'Narrowed to' }).getByRole('link', { name: /Video generation/ }).click()
  expect(new URL(page.url()).search).toBe('?status=active')
  expect(complaints).toEqual([])
})

it('draws the spans of a request under their parents, and copies it for a ticket', async () => {
  const page = await openPage({ query: '?status=failed' })
  await page.locator('.vt-row__open').first().click()
  const spans = page.getByRole('region', { name: /^Spans/ }).getByRole('listitem')
  await spans.first().waitFor()
  expect(await spans.first().innerText()).toContain('content_generation')
  expect(await spans.locator('.vt-tone-danger').count()).toBeGreaterThan(0)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: /^Copy as Markdown/ }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/- Request: `vvd_\d{13}_[0-9a-f]{8}`/)
  expect(complaints).toEqual([])
})

it('keeps only the rows near what is seen in the document, and says how many there are', async () => {
  for (let index = 1000; index < 1400; index += 1) {
    tracker.change(sampleRequest({ index, nowMs: Date.now(), ageS: 30, topic: `Topic ${index}`, student: null }))
  }
  const page = await openPage({ query: '?status=active' })
  const rows = page.locator('.vt-row')
  // The page reads 200 a page.
  await expect.poll(async () => Number(await rows.first().getAttribute('aria-setsize')), { timeout: SOON_MS }).toBeGreaterThan(150)
  expect(await rows.count()).toBeLessThan(60)
  await page.mouse.wheel(0, 6_000)
  await expect.poll(async () => Number(await rows.first().getAttribute('aria-posinset'))).toBeGreaterThan(40)
  expect(await rows.count()).toBeLessThan(60)
})

it('tells of a breaker how it came to its state and which requests it stopped', async () => {
  const page = await openPage()
  const badge = page.locator('.vt-breaker', { hasText: 'nano_banana' })
  await badge.getByText('1,204 calls · 41 failed · 58 slow · 17 stopped').waitFor()
  await badge.getByRole('button', { name: 'History' }).click()
  const changes = page.getByRole('list', { name: 'Changes of nano_banana, newest first' }).getByRole('listitem')
  await changes.first().waitFor()
  expect(await changes.allInnerTexts()).toEqual(['closed', 'half open', 'open'].map((state) => expect.stringContaining(state)))
  await badge.getByRole('link', { name: 'Requests it stopped' }).click()
  expect(new URL(page.url()).search).toBe('?breaker=nano_banana')
})

it('keeps filters under names of the reader’s own, over a reload, by keys alone', async () => {
  const page = await openPage({ query: '?status=failed' })
  const views = page.getByText('Views', { exact: true })
  await views.focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Name of this view').focus()
  await page.keyboard.type('What just failed')
  await page.keyboard.press('Enter')
  const saved = page.getByRole('list', { name: 'Saved views' }).getByRole('link', { name: 'What just failed' })
  await saved.waitFor()
  expect(await findViolations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await saved.waitFor({ state: 'hidden' })

  await page.goto(tracker.url)
  await page.locator('.vt-row').first().waitFor()
  await views.click()
  await saved.click()
  await expect.poll(() => new URL(page.url()).search).toBe('?status=failed')
  await views.click()
  await page.getByRole('button', { name: 'Forget What just failed' }).click()
  await saved.waitFor({ state: 'detached' })
  await page.reload()
  await views.click()
  expect(await saved.count()).toBe(0)
  expect(complaints).toEqual([])
})
