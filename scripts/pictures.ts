/** `npm run pictures`: the page's pictures in docs/images/ and the plugin's, from the sample requests of their tests. */
import { join } from 'node:path'
import { openBrowser } from '@vividly/tracker-api/testing/browser'
import type { Page } from 'playwright-core'
import { startFixtureTracker } from '../grafana-plugin/page/testing/fixtureTracker.ts'
import { sampleBreaker } from '../grafana-plugin/page/testing/sampleRequests.ts'
import { sampleRush } from '../grafana-plugin/page/testing/sampleRush.ts'
import { buildPlugin } from '../grafana-plugin/buildPlugin.ts'
import { buildHost } from '../grafana-plugin/plugin/testing/buildHost.ts'
import { startHost } from '../grafana-plugin/plugin/testing/startHost.ts'
import { buildPage } from '../grafana-plugin/buildPage.ts'

type Picture = { name: string; width: number; height: number; dark?: boolean; query?: string; language?: string; pose?: (page: Page) => Promise<unknown> }

/** The rate of each lane is told after some seconds of watching. */
const WATCH_MS = 16_000

await buildPage()
await buildHost()
await buildPlugin('2026-11-24')
const nowMs = Date.now()
const breakers = [sampleBreaker('gemini', 'closed', nowMs), { ...sampleBreaker('nano_banana', 'open', nowMs), retry_at: new Date(nowMs + 170_000).toISOString() }]
const requests = sampleRush(nowMs)
const failed = requests.find(({ status }) => status === 'failed')?.correlation_id ?? ''
const running = requests.findLast(({ current_stage: stage }) => stage === 'video_processing')?.correlation_id ?? ''
const tracker = await startFixtureTracker(requests, breakers)
const host = await startHost({ url: new URL(tracker.url).origin })
const browser = await openBrowser()

const PICTURES: Picture[] = [
  { name: 'dashboard', width: 1440, height: 1000 },
  { name: 'dashboard-dark', width: 1440, height: 900, dark: true, query: `?request=${failed}`, pose: (page) => page.locator('.vt-span').first().waitFor() },
  { name: 'dashboard-compact', width: 1440, height: 1000, dark: true, query: '?status=active', pose: compact },
  { name: 'dashboard-trends', width: 1440, height: 760, pose: openTrends },
  { name: 'dashboard-german', width: 1280, height: 860, language: 'de-DE' },
  { name: 'dashboard-phone', width: 375, height: 812 },
  { name: 'request-phone', width: 375, height: 812, dark: true, query: `?request=${failed}&alone=1`, pose: (page) => page.locator('.vt-span').first().waitFor() },
  { name: 'request-alone', width: 1024, height: 1000, query: `?request=${running}&alone=1`, pose: (page) => page.locator('.vt-span').first().waitFor() },
]
const PANELS = [
  { name: 'flow-dark', query: 'show=flow-panel&theme=dark&title=Requests', width: 1440, height: 890 },
  { name: 'flow-light', query: 'show=flow-panel&theme=light&title=Requests', width: 1440, height: 890 },
  { name: 'request-light', query: `show=request-panel&theme=light&title=Request&request=${failed}`, width: 760, height: 1000 },
]

const wanted = process.argv.slice(2)
const isWanted = ({ name }: { name: string }) => wanted.length === 0 || wanted.includes(name)
for (const picture of PICTURES.filter(isWanted)) {
  const { name, width, height, dark = false, query = '', language = 'en-US', pose } = picture
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', locale: language })
  const page = await context.newPage()
  await page.goto(tracker.url + query)
  await page.locator('.vt-row, .vt-event').first().waitFor()
  if (name === 'dashboard') await moveOn(page)
  await pose?.(page)
  await takePicture(page, join(import.meta.dirname, `../docs/images/${name}.png`))
  await context.close()
  console.log(`docs/images/${name}.png`)
}
for (const { name, query, width, height } of PANELS.filter(isWanted)) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce', locale: 'en-US' })
  const page = await context.newPage()
  await page.goto(`${host.url}/?${query}`)
  await page.locator('.vt-row, .vt-span').first().waitFor()
  await takePicture(page, join(import.meta.dirname, `../grafana-plugin/plugin/img/${name}.png`))
  await context.close()
  console.log(`grafana-plugin/plugin/img/${name}.png`)
}
await browser.close()
await host.stop()
await tracker.stop()

async function compact(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Compact' }).click()
  await page.locator('.vt-list').evaluate((list) => list.scrollIntoView())
  await page.evaluate(() => window.scrollBy(0, -64))
}

async function openTrends(page: Page): Promise<void> {
  await page.goto(`${tracker.url}?status=late`)
  await page.getByRole('button', { name: 'Trends' }).press('Enter')
  await page.getByRole('img', { name: /^Duration/ }).waitFor()
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
}

/** While it is watched some requests go on, so that the way shows how fast they do. */
async function moveOn(page: Page): Promise<void> {
  await page.waitForTimeout(2_000)
  const stages = requests[0]?.stages.map(({ name }) => name) ?? []
  for (const [index, share] of [6, 5, 6, 3, 5, 5].entries()) {
    const from = index === 0 ? null : (stages[index - 1] ?? null)
    const leaving = requests.filter((one) => one.current_stage === from && one.status !== 'completed' && one.error_details === null).slice(0, share)
    for (const one of leaving) {
      const next = stages[index] ?? null
      tracker.change({ ...one, current_stage: next, version: one.version + 1 })
      tracker.change({ ...one, version: one.version + 2 })
    }
    await page.waitForTimeout(400)
  }
  await page.waitForTimeout(WATCH_MS)
}

/** No row half drawn: the picture ends below the last one that is seen whole. */
async function takePicture(page: Page, path: string): Promise<void> {
  await page.mouse.move(0, 0)
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 800 }
  const bottom = await page.evaluate((most) => {
    const parts = [...document.querySelectorAll('.vt-main .vt-row, .vt-alone .vt-span, .vt-alone .vt-stage')].map((part) => part.getBoundingClientRect())
    return Math.max(...parts.map((part) => part.bottom).filter((edge) => edge <= most), 0)
  }, height - 8)
  if (bottom > height * 0.6) await page.setViewportSize({ width, height: Math.ceil(bottom) + 8 })
  await page.waitForTimeout(400)
  await page.screenshot({ path, animations: 'disabled' })
}
