/** Each state that the screen can be in, designed and not left over; and its times, zone, density, print and stillness. */
import type { RequestDetail } from '@vividly/tracker-api/contract'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { findViolations } from './testing/findViolations.ts'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning, sampleRequest } from './testing/sampleRequests.ts'
import { sampleRush } from './testing/sampleRush.ts'

const HOSTILE = '<img src=x onerror="document.title=1"><script>alert(1)</script>\u202Egnp.exe'

let browser: Browser
let context: BrowserContext | undefined
let tracker: FixtureTracker | undefined
let nowMs: number

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser?.close())
beforeEach(() => {
  nowMs = Date.now()
})
afterEach(async () => {
  await context?.close()
  await tracker?.stop()
})

type Options = { width?: number; query?: string; timezoneId?: string; reducedMotion?: 'reduce' | 'no-preference' }

async function openWith(requests: RequestDetail[], options: Options = {}): Promise<Page> {
  const { width = 1280, query = '', timezoneId = 'Europe/Vienna', reducedMotion = 'reduce' } = options
  tracker = await startFixtureTracker(requests, [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)])
  context = await browser.newContext({ viewport: { width, height: 900 }, locale: 'en-US', timezoneId, reducedMotion })
  const page = await context.newPage()
  await page.goto(tracker.url + query)
  return page
}

/** Nothing is cut off beside the page, and axe has nothing to say. */
async function expectSound(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  expect(await findViolations(page)).toEqual([])
}

it.each([320, 1280])('with nothing to show: says what to do, and with what command, at %i px', async (width) => {
  const page = await openWith([], { width })
  await page.getByText('No request yet').waitFor()
  expect(await page.locator('.vt-empty code').innerText()).toMatch(/^curl http/)
  await expectSound(page)
})

it('while it is read: rows without words, that say they are busy', async () => {
  const page = await openWith(sampleMorning(nowMs))
  await context?.route(/\/api\/v1\/monitoring\/requests/, () => new Promise(() => undefined))
  await page.reload()
  await page.getByRole('list', { name: 'Reading the requests' }).waitFor()
  expect(await page.locator('.vt-list').getAttribute('aria-busy')).toBe('true')
  expect(await page.getByRole('region', { name: 'Summary' }).innerText()).toBe('Reading the state of all requests')
  await expectSound(page)
})

it('where the tracker is not there from the start: what, why, and one thing to do', async () => {
  const page = await openWith(sampleMorning(nowMs))
  await page.locator('.vt-row').first().waitFor()
  tracker?.cut()
  await page.reload().catch(() => undefined)
  await context?.route(/\/api\/v1\//, (route) => route.abort())
  await page.getByText('The requests can’t be read').waitFor({ timeout: 10_000 })
  expect(await page.getByRole('button', { name: 'Try now' }).count()).toBeGreaterThan(0)
  await expectSound(page)
})

it('where the reader may not see: the tracker’s own words', async () => {
  const page = await openWith(sampleMorning(nowMs))
  const body = JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, detail: 'The token is of another organization.' })
  await context?.route(/\/api\/v1\/monitoring\/requests/, (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body }))
  await page.reload()
  await page.getByText('The token is of another organization.').first().waitFor({ timeout: 10_000 })
  expect(await page.locator('.vt-row').count()).toBe(0)
  await expectSound(page)
})

it('with one request: a list of one', async () => {
  const page = await openWith([sampleRequest({ index: 1, nowMs, ageS: 30, topic: 'Cells', student: 'Ann Lee' })])
  await page.locator('.vt-row').waitFor()
  expect(await page.locator('.vt-row').count()).toBe(1)
  expect(await page.getByRole('link', { name: /^Active/ }).locator('.vt-card__value').innerText()).toBe('1')
  await expectSound(page)
})

it.each([320, 1280])('with very long and hostile text in every field: as text, within the page, at %i px', async (width) => {
  const long = `${HOSTILE} ${'long'.repeat(300)}`
  const request = { ...sampleRequest({ index: 3, nowMs, ageS: 90, endedAgoS: 5, topic: long, student: long, outcome: 'failed', failedStage: 'validation', error: long }), organization_id: HOSTILE, learning_objective: long }
  const page = await openWith([request], { width, query: `?request=${request.correlation_id}` })
  await page.locator('#vt-detail .vt-event').first().waitFor()
  expect(await page.locator('.vt-main img, .vt-detail img, .vt script').count()).toBe(0)
  expect(await page.title()).toBe('1 failed · Vividly requests')
  await expectSound(page)
})

it('holds requests that wait for a breaker, and its badge says whom it stops and lists them', async () => {
  const page = await openWith(sampleRush(nowMs))
  const badge = page.locator('.vt-breaker--open')
  const waiting = badge.getByRole('link', { name: /requests wait for it$/ })
  await waiting.waitFor()
  const count = Number.parseInt(await waiting.innerText(), 10)
  expect(count).toBeGreaterThan(20)
  await badge.getByText(/^\d+ will reach it within 2 min$/).waitFor()
  await waiting.click()
  expect(new URL(page.url()).search).toBe('?status=held')
  await expect.poll(() => page.locator('.vt-row').first().getAttribute('aria-setsize')).toBe(String(count))
  expect(await page.locator('.vt-row').first().locator('.vt-row__state').innerText()).toContain('held')
  await page.locator('.vt-row__open').first().click()
  await page.getByText(/^Held in Video generation: calls to nano_banana are stopped/).waitFor()
})

it('narrows the list to times in the reader’s zone, by keys, and keeps the zone over a reload', async () => {
  const page = await openWith(sampleMorning(nowMs))
  await page.locator('.vt-row').first().waitFor()
  const all = await page.locator('.vt-row').count()
  const times = page.locator('.vt-range > summary')
  await times.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Last 15 minutes' }).click()
  expect(new URL(page.url()).searchParams.get('from')).toBe('now-15m')
  await expect.poll(() => page.locator('.vt-row').count()).toBeLessThan(all)

  await page.getByLabel('Time zone').first().selectOption('Asia/Tokyo')
  await page.getByRole('link', { name: /^Active/ }).waitFor()
  await page.reload()
  await page.locator('.vt-row').first().waitFor()
  expect(await page.getByLabel('Time zone').first().inputValue()).toBe('Asia/Tokyo')
  expect(await times.innerText()).toContain('Last 15 minutes')
  await times.click()
  await page.getByText('Times in Asia/Tokyo').waitFor()
  await page.getByLabel('From', { exact: true }).fill('2026-03-01T12:30')
  await page.getByLabel('To', { exact: true }).fill('2026-03-01T12:00')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.getByRole('alert').getByText('It ends before it begins.').waitFor()
  await page.getByLabel('To', { exact: true }).fill('2026-03-01T13:30')
  await expectSound(page)
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).search).toBe('?from=2026-03-01T03%3A30%3A00.000Z&to=2026-03-01T04%3A30%3A00.000Z')
  await page.getByRole('list', { name: 'Narrowed to' }).getByText(/1 Mar, 12:30:00 · \d+ d ago/).waitFor()
})

it('puts a row on one line where the reader wants many, and keeps that', async () => {
  const page = await openWith(sampleMorning(nowMs))
  const row = page.locator('.vt-group--active .vt-row').first()
  await row.waitFor()
  const comfortable = (await row.boundingBox())?.height ?? 0
  await page.getByRole('button', { name: 'Compact' }).click()
  await expect.poll(async () => (await row.boundingBox())?.height).toBeLessThan(comfortable * 0.75)
  await expectSound(page)
  await page.reload()
  await row.waitFor()
  expect(await page.getByRole('button', { name: 'Compact' }).getAttribute('aria-pressed')).toBe('true')
})

it.each([320, 1280])('shows one request alone under the link that was copied, with a way to all, at %i px', async (width) => {
  const failed = sampleMorning(nowMs).find(({ status }) => status === 'failed')
  const linked = failed && { ...failed, links: { trace: 'https://jaeger.example/trace/1', logs: null } }
  const page = await openWith(linked ? [linked] : [], { width, query: `?request=${failed?.correlation_id}` })
  await context?.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy a link to this request' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  await page.goto(await page.evaluate(() => navigator.clipboard.readText()))
  await page.getByText(/^Failed in Video generation/).waitFor()
  expect(await page.locator('.vt-cards, .vt-row, .vt-strip').count()).toBe(0)
  expect(await page.getByRole('link', { name: 'Trace' }).getAttribute('href')).toBe('https://jaeger.example/trace/1')
  await expectSound(page)
  await page.getByRole('link', { name: 'All requests' }).click()
  await page.locator('.vt-row').first().waitFor()
})

it('prints a request alone: no bar, no list, no button, all of it', async () => {
  const failed = sampleMorning(nowMs).find(({ status }) => status === 'failed')
  const page = await openWith(sampleMorning(nowMs), { query: `?request=${failed?.correlation_id}` })
  await page.locator('.vt-event').first().waitFor()
  await page.emulateMedia({ media: 'print' })
  const isShown = (selector: string) => page.locator(selector).first().isVisible()
  expect(await Promise.all(['.vt-bar', '.vt-strip', '.vt-main', '.vt-detail__copies', '.vt-detail .vt-icon-button'].map(isShown))).toEqual([false, false, false, false, false])
  expect(await Promise.all(['.vt-detail__sentence', '.vt-stage', '.vt-span', '.vt-event'].map(isShown))).toEqual([true, true, true, true])
  const { clientHeight, scrollHeight } = await page.locator('#vt-detail').evaluate(({ clientHeight: shown, scrollHeight: all }) => ({ clientHeight: shown, scrollHeight: all }))
  expect(scrollHeight).toBe(clientHeight)
})

it('moves nothing where the reader wants no motion, and pulses what runs where they don’t mind', async () => {
  const running = () => document.getAnimations().filter(({ playState }) => playState === 'running').length
  const still = await openWith(sampleMorning(nowMs))
  await still.locator('.vt-row').first().waitFor()
  expect(await still.evaluate(running)).toBe(0)
  await still.emulateMedia({ reducedMotion: 'no-preference' })
  expect(await still.evaluate(running)).toBeGreaterThan(0)
})
