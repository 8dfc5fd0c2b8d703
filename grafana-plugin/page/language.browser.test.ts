/** Every text of the screen goes through the catalogue: drawn in a language of brackets, nothing of ours stands without them. */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { findViolations } from './testing/findViolations.ts'
import { startFixtureTracker } from './testing/fixtureTracker.ts'
import type { FixtureTracker } from './testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning, sampleRequest } from './testing/sampleRequests.ts'

const ASSETS = fileURLToPath(new URL('../dist/page/assets', import.meta.url))
/** Names, not words. */
const NAMES = /^(Vividly|UTC|English|Deutsch|JSON|curl|Markdown|[a-z]+_worker)$/

let browser: Browser
let tracker: FixtureTracker
const nowMs = Date.now()
const morning = sampleMorning(nowMs)
const failed = morning.find(({ status }) => status === 'failed')?.correlation_id ?? ''

beforeAll(async () => {
  browser = await openBrowser()
  const held = sampleRequest({ index: 90, nowMs, ageS: 70, topic: 'Volcanoes', student: 'Ada Novak', retriedStage: 'video_generation', stoppedBy: 'nano_banana', foreseen: true })
  tracker = await startFixtureTracker([...morning, held], [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)])
})
afterAll(async () => {
  await browser?.close()
  await tracker?.stop()
})

/** The page with its German catalogue replaced by one that puts brackets around each piece of an English text. */
async function openBracketed(query: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'de-DE', reducedMotion: 'reduce' })).newPage()
  const name = readdirSync(ASSETS).find((file) => /^de-.*\.js$/.test(file)) ?? ''
  await page.route(`**/${name}`, async (route) => {
    const source = readFileSync(`${ASSETS}/${name}`, 'utf8')
    const exported = /export\s*\{\s*(\w+) as (\w+)\s*\}/.exec(source)
    if (!exported) throw new Error('the German catalogue is built in another form than this test knows')
    const [statement, local, outer] = exported
    const body = `${source.replace(statement, '')};const bracketed=Object.fromEntries(Object.keys(${local}).map((text)=>[text,text.split(/(\\{\\w+\\})/).map((piece,at)=>at%2||!piece.trim()?piece:'⟦'+piece+'⟧').join('')]));export{bracketed as ${outer}}`
    await route.fulfill({ body, contentType: 'text/javascript' })
  })
  await page.goto(tracker.url + query)
  return page
}

/** What a reader sees or hears that is neither bracketed nor somebody else's text (`bdi`, `code`, `pre`, `time`, `kbd`). */
function unbracketed(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const strip = (text: string) => {
      let before = ''
      let left = text
      while (before !== left) {
        before = left
        left = left.replaceAll(/⟦[^⟦⟧]*⟧/g, '')
      }
      return left
    }
    const isOurs = (element: Element | null) => element !== null && !element.closest('bdi, code, pre, time, kbd, noscript, script, style, option, .u-legend .u-value')
    const found: string[] = []
    const look = (text: string | null) => {
      for (const word of strip(text ?? '').split(/\s+/)) if (/\p{L}{2,}/u.test(word)) found.push(word)
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) if (isOurs(node.parentElement)) look(node.textContent)
    for (const element of document.querySelectorAll('[aria-label], [placeholder]')) {
      look(element.getAttribute('aria-label'))
      look(element.getAttribute('placeholder'))
    }
    return [...new Set(found)]
  })
}

const SCREENS: { name: string; query?: string; show: (page: Page) => Promise<unknown> }[] = [
  { name: 'list', show: (page) => page.locator('.vt-row').first().waitFor() },
  { name: 'one request', query: `?request=${failed}`, show: (page) => page.locator('.vt-event').first().waitFor() },
  { name: 'one request alone', query: `?request=${failed}&alone=1`, show: (page) => page.locator('.vt-event').first().waitFor() },
  { name: 'nothing', query: '?q=nothing-has-this&stage=validation&from=now-1h', show: (page) => page.locator('.vt-empty').waitFor() },
  {
    name: 'help',
    async show(page) {
      await page.locator('.vt-row').first().waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'trends, menus and a breaker’s history',
    async show(page) {
      await page.locator('.vt-row').first().waitFor()
      await page.locator('.vt-trends button').click()
      await page.locator('.u-over').first().waitFor()
      await page.locator('.vt-breaker__toggle').first().click()
      await page.locator('.vt-breaker__history ol li').first().waitFor()
      for (const menu of await page.locator('.vt-menu > summary').all()) await menu.click()
    },
  },
]

it.each(SCREENS)('says nothing but through the catalogue: $name', async ({ query = '', show }) => {
  const page = await openBracketed(query)
  await show(page)
  const allowed = ['nano_banana', 'gemini', 'vvd_']
  const said = (await unbracketed(page)).filter((word) => !NAMES.test(word.replaceAll(/[^\p{L}\p{N}_]/gu, '')) && !allowed.some((name) => word.includes(name)))
  expect(said).toEqual([])
  await page.context().close()
})

it('is German where the browser is, and another language where the reader chooses it, without a flaw that axe finds', async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 800 }, locale: 'de-AT', reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(tracker.url)
  await page.getByRole('link', { name: /^Heute fertig/ }).waitFor()
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
  expect(await findViolations(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  await page.keyboard.press('?')
  await page.getByLabel('Sprache').selectOption('en')
  await page.getByRole('link', { name: /^Completed today/ }).waitFor()
  await page.reload()
  await page.getByRole('link', { name: /^Completed today/ }).waitFor()
  await context.close()
})
