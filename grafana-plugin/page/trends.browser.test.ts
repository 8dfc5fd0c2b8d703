import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { findViolations } from './testing/findViolations.ts'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleMorning } from './testing/sampleRequests.ts'

let browser: Browser
let tracker: FixtureTracker
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await openBrowser()
  tracker = await startFixtureTracker(sampleMorning(Date.now()), [])
})
afterAll(async () => {
  await browser?.close()
  await tracker?.stop()
})
beforeEach(async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', locale: 'en-US' })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(tracker.url)
  await page.locator('.vt-row').first().waitFor()
  return () => context.close()
})

it('draws trends when asked, and says their newest values to those who see no picture', async () => {
  await page.getByRole('button', { name: 'Trends' }).press('Enter')
  const rate = page.getByRole('img', { name: /^Success rate, newest: done of those that ended \d+(\.\d)? %$/ })
  await rate.waitFor()
  expect(await rate.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBeGreaterThan(200)
  expect(await findViolations(page)).toEqual([])
  expect(complaints).toEqual([])
})

it('shows the whole time asked for, though there is but a first hour', async () => {
  await page.route(/\/api\/v1\/monitoring\/trends/, async (route) => {
    const response = await route.fetch()
    const { buckets } = (await response.json()) as { buckets: unknown[] }
    await route.fulfill({ response, json: { buckets: buckets.slice(-1) } })
  })
  await page.getByRole('button', { name: 'Trends' }).press('Enter')
  const chart = page.getByRole('img', { name: /^Requests, newest/ })
  await chart.locator('.u-over').hover()
  const whole = await chart.locator('.u-over').boundingBox()
  const point = await chart.locator('.u-cursor-pt').first().boundingBox()
  expect(((point?.x ?? 0) - (whole?.x ?? 0)) / (whole?.width ?? 1)).toBeGreaterThan(0.9)
  expect(complaints).toEqual([])
})
