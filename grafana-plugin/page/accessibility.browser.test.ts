import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { findViolations } from './testing/findViolations.ts'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning } from './testing/sampleRequests.ts'

let browser: Browser
let tracker: FixtureTracker
let none: FixtureTracker
const nowMs = Date.now()
const morning = sampleMorning(nowMs)
const failed = morning.find(({ status }) => status === 'failed')?.correlation_id ?? ''

beforeAll(async () => {
  browser = await openBrowser()
  tracker = await startFixtureTracker(morning, [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)])
  none = await startFixtureTracker([], [])
})
afterAll(async () => {
  await browser?.close()
  await tracker?.stop()
  await none?.stop()
})

type Screen = { name: string; query?: string; empty?: true; show: (page: Page) => Promise<unknown> }

const SCREENS: Screen[] = [
  { name: 'list', show: (page) => page.locator('.vt-row').first().waitFor() },
  { name: 'one request', query: `?request=${failed}`, show: (page) => page.locator('.vt-event').first().waitFor() },
  { name: 'one request alone', query: `?request=${failed}&alone=1`, show: (page) => page.locator('.vt-event').first().waitFor() },
  {
    name: 'the menu of times, and rows on one line',
    async show(page) {
      await page.locator('.vt-row').first().waitFor()
      await page.getByRole('button', { name: 'Compact' }).click()
      await page.locator('.vt-range > summary').click()
      await page.getByLabel('From', { exact: true }).waitFor()
    },
  },
  { name: 'no such request', query: '?request=vvd_1700000000000_00000000', show: (page) => page.getByText(/No request has this ID/).waitFor() },
  { name: 'no match', query: '?q=nothing-has-this', show: (page) => page.getByText(/^Nothing matches/).waitFor() },
  { name: 'no request yet', empty: true, show: (page) => page.getByText('No request yet').waitFor() },
  {
    name: 'help',
    async show(page) {
      await page.locator('.vt-row').first().waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'trends and a breaker’s history',
    async show(page) {
      await page.locator('.vt-row').first().waitFor()
      // By key: rows and breakers that still come above it move it from under a pointer.
      await page.getByRole('button', { name: 'Trends' }).press('Enter')
      await page.getByRole('img', { name: /^Success rate/ }).waitFor()
      await page.getByRole('button', { name: 'History' }).first().click()
      await page.getByRole('list', { name: /^Changes of/ }).waitFor()
    },
  },
]

for (const dark of [false, true]) {
  for (const width of [320, 640, 1024, 1440]) {
    it(`has nothing that axe objects to on any screen, and fits, ${dark ? 'dark' : 'light'} at ${width} px`, async () => {
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: 'reduce',
        locale: 'en-US',
      })
      const page = await context.newPage()
      for (const { name, query = '', empty, show } of SCREENS) {
        await page.goto((empty ? none : tracker).url + query)
        await show(page)
        expect([name, ...(await findViolations(page))]).toEqual([name])
        expect([name, await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)]).toEqual([name, true])
      }
      await context.close()
    })
  }
}
