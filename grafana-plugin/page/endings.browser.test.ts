/** However the stream ends, the page says so where it lasts, comes back by itself, and then shows what a fresh read has. */
import type { RequestDetail } from '@vividly/tracker-api/contract'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning, sampleRequest } from './testing/sampleRequests.ts'

const BACK_MS = 40_000

let browser: Browser
let context: BrowserContext
let tracker: FixtureTracker
let page: Page
let nowMs: number

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser?.close())
beforeEach(async () => {
  nowMs = Date.now()
  tracker = await startFixtureTracker(sampleMorning(nowMs), [sampleBreaker('gemini', 'closed', nowMs)])
  context = await browser.newContext({ viewport: { width: 1280, height: 2400 }, reducedMotion: 'reduce', locale: 'en-US' })
  page = await context.newPage()
  await page.goto(`${tracker.url}?status=active`)
  await page.getByText('Live', { exact: true }).waitFor()
})
afterEach(async () => {
  await context?.close()
  await tracker.stop()
})

/** Each request in flight with its progress, as the page shows them. */
const shown = async (): Promise<string[]> =>
  (await page.locator('.vt-row').evaluateAll((rows) =>
    rows.map((row) => `${row.getAttribute('data-request')} ${row.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')}`),
  )).toSorted()

/** The same as the tracker has them now. */
async function fresh(): Promise<string[]> {
  const list = (await (await fetch(`${new URL(tracker.url).origin}/api/v1/monitoring/requests?limit=200`)).json()) as { items: RequestDetail[] }
  return list.items
    .filter(({ status }) => !['completed', 'failed', 'cancelled'].includes(status))
    .map((row) => `${row.correlation_id} ${row.progress_percentage}`)
    .toSorted()
}

let changes = 0
/** Something that the page must not have missed. */
function change(): void {
  changes += 1
  tracker.change(sampleRequest({ index: 600 + changes, nowMs: Date.now(), ageS: changes, topic: `Change ${changes}`, student: null }))
}

async function expectAllOfIt(): Promise<void> {
  await page.getByText('Live', { exact: true }).waitFor({ timeout: BACK_MS })
  await expect.poll(async () => JSON.stringify(await shown()) === JSON.stringify(await fresh()), { timeout: BACK_MS }).toBe(true)
}

it('a tracker that is gone: a banner, then all that was missed', async () => {
  tracker.cut()
  await page.getByTestId('stale-banner').waitFor({ timeout: 10_000 })
  change()
  tracker.restore()
  await expectAllOfIt()
  expect(await page.getByTestId('stale-banner').count()).toBe(0)
})

it('a token that is no longer taken: a banner that says so, then all that was missed', async () => {
  const body = JSON.stringify({ type: 'about:blank', title: 'Unauthorized', status: 401, detail: 'The token has expired.' })
  await context.route(/\/api\/v1\//, (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body }))
  tracker.drain()
  const banner = page.getByTestId('stale-banner')
  await banner.waitFor({ timeout: 10_000 })
  expect(await banner.locator('.vt-strip__text').getAttribute('title')).toBe('The token has expired.')
  change()
  await context.unroute(/\/api\/v1\//)
  await expectAllOfIt()
})

it('a farewell of a tracker that is replaced: no banner, and nothing missed', async () => {
  tracker.drain()
  change()
  await expectAllOfIt()
  expect(await page.getByTestId('stale-banner').count()).toBe(0)
})

it('cut at random, within frames and between them, under changes: what a fresh read has', async () => {
  for (let turn = 0; turn < 8; turn += 1) {
    change()
    await page.waitForTimeout(Math.random() * 400)
    if (turn % 2 === 0) tracker.breakInFrame()
    else tracker.drain()
    change()
  }
  await expectAllOfIt()
  expect(await shown()).toEqual(await fresh())
})
