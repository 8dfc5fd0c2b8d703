/** The main tasks as somebody does them who hears the screen: what the accessibility tree says, in its order, and where the focus is. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning, sampleRequest } from './testing/sampleRequests.ts'

let browser: Browser
let tracker: FixtureTracker
let context: BrowserContext
let page: Page
const nowMs = Date.now()

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser?.close())

beforeEach(async () => {
  const held = sampleRequest({ index: 90, nowMs, ageS: 70, topic: 'Volcanoes', student: 'Ada Novak', retriedStage: 'video_generation', stoppedBy: 'nano_banana' })
  tracker = await startFixtureTracker([...sampleMorning(nowMs), held], [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)])
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', locale: 'en-US' })
  page = await context.newPage()
  await page.goto(tracker.url)
  await page.locator('.vt-row').first().waitFor()
})
afterEach(async () => {
  await context?.close()
  await tracker.stop()
})

/** What a reader says from here on, a line a thing. */
const heard = (selector = 'body') => page.locator(selector).ariaSnapshot()

/** The first of the patterns that does not come behind the one before it, and what comes there; nothing if all do. */
function notHeard(text: string, patterns: readonly RegExp[]): string[] {
  let from = 0
  for (const pattern of patterns) {
    const found = pattern.exec(text.slice(from))
    if (found === null) return [String(pattern), text.slice(from, from + 800)]
    from += found.index + found[0].length
  }
  return []
}

/** What has the focus, as a reader names it. */
async function focused(): Promise<string> {
  const snapshot = await page.locator(':focus').ariaSnapshot()
  return snapshot.split('\n')[0] ?? ''
}

it('says whether anything is wrong, where, and who is touched, before all else', async () => {
  await page.getByRole('link', { name: /will reach|waits for it/ }).first().waitFor()
  expect(notHeard(await heard(), [
    /heading "Vividly requests" \[level=1\]/,
    /Live/,
    /searchbox "Search requests by ID, student or topic"/,
    /region "Summary"[\s\S]*?Calls to nano_banana are stopped · 2 failed in the last hour · 1 held, 1 retrying/,
    /link "Active 7 1 waiting to start/,
    /link "Failed today 2 12 % failure rate/,
    /heading "Circuit breakers" \[level=2\]/,
    /nano_banana[\s\S]*?open[\s\S]*?link "1 request waits for it"[\s\S]*?Next try/,
    /gemini[\s\S]*?closed/,
    /heading "In flight by stage" \[level=2\]/,
    /link "Video generation 3 median .* oldest .* 1 held 1 retrying"/,
    /heading "Requests" \[level=2\]/,
    /heading "Failed in the last hour 2" \[level=3\]/,
    /button "Plate tectonics and earthquakes"/,
  ])).toEqual([])
})

it('finds a student’s request, opens it, tells why it failed, and comes back to where it was', async () => {
  await page.keyboard.press('/')
  expect(await focused()).toContain('searchbox "Search requests by ID, student or topic"')
  await page.keyboard.type('Yuki')
  await page.getByRole('status').filter({ hasText: '2 requests match' }).waitFor()
  await page.keyboard.press('Tab')
  while (!(await focused()).includes('Plate tectonics')) await page.keyboard.press('Tab')
  expect(notHeard(await heard('.vt-row--failed'), [/failed/, /Video generation/, /button "Plate tectonics and earthquakes"/, /Yuki Tanaka/, /Video generation: failed/, /progressbar/, /504 Gateway Timeout/])).toEqual([])

  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'Plate tectonics and earthquakes' }).waitFor()
  await expect.poll(focused).toContain('heading "Plate tectonics and earthquakes" [level=2]')
  await page.locator('.vt-span').first().waitFor()
  expect(notHeard(await heard('#vt-detail'), [
    /heading "Plate tectonics and earthquakes" \[level=2\]/,
    /button "Close the request"/,
    /button "Copy the ID"/,
    /failed/,
    /Failed in Video generation 5 min 7 s after it was asked for, on try 4: Nano Banana answered 504 Gateway Timeout four times\./,
    /progressbar "Progress of this request"/,
    /ProviderError/,
    /heading "Stages" \[level=3\]/,
    /Validation[\s\S]*?done/,
    /Video generation[\s\S]*?failed[\s\S]*?4 of 4 tries/,
    /Video processing[\s\S]*?not run/,
    /heading "Spans 9" \[level=3\]/,
    /Student[\s\S]*?Yuki Tanaka \(s-1006\)/,
    /heading "Events \d+" \[level=3\]/,
  ])).toEqual([])

  await page.keyboard.press('Escape')
  await page.locator('#vt-detail').waitFor({ state: 'detached' })
  expect(await focused()).toContain('button "Plate tectonics and earthquakes"')
  await page.keyboard.press('/')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: /^In flight/ }).last().waitFor()
})

it('tells of a cut and of its end by itself, and pauses by a button that says that it is pressed', async () => {
  tracker.cut()
  await page.getByRole('status').filter({ hasText: /^Not live since/ }).waitFor({ timeout: 10_000 })
  expect(notHeard(await heard(), [/Not live since/, /region "Summary"[\s\S]*?What you see is/, /button "Try now"/])).toEqual([])
  tracker.restore()
  // By itself: who wants to press the button may find it gone.
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 35_000 })
  await expect.poll(() => page.getByRole('status').filter({ hasText: /^Not live/ }).count()).toBe(0)
  await page.keyboard.press('p')
  expect(notHeard(await heard('.vt-bar'), [/Paused/, /button "Resume" \[pressed\]/])).toEqual([])
})
