/** `npm run pictures`: the page's pictures in docs/images/ and the plugin's, from the sample requests of their tests. */
import { join } from 'node:path'
import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startFixtureTracker } from '../grafana-plugin/page/testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning } from '../grafana-plugin/page/testing/sampleRequests.ts'
import { buildPlugin } from '../grafana-plugin/buildPlugin.ts'
import { buildHost } from '../grafana-plugin/plugin/testing/buildHost.ts'
import { startHost } from '../grafana-plugin/plugin/testing/startHost.ts'
import { buildPage } from './start/buildPage.ts'

const PICTURES = [
  { name: 'dashboard', width: 1440, height: 960, dark: false, opens: false },
  { name: 'dashboard-dark', width: 1280, height: 860, dark: true, opens: true },
  { name: 'dashboard-phone', width: 375, height: 812, dark: false, opens: false },
]

const PANELS = [
  { name: 'flow-dark', query: 'show=flow-panel&theme=dark&title=Requests', width: 1280, height: 860 },
  { name: 'request-light', query: 'show=request-panel&theme=light&title=Request', width: 760, height: 1000 },
]

await buildPage()
await buildHost()
await buildPlugin('2026-11-24')
const nowMs = Date.now()
const breakers = [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)]
const requests = sampleMorning(nowMs)
const failed = requests.find(({ status }) => status === 'failed')?.correlation_id ?? ''
const tracker = await startFixtureTracker(requests, breakers)
const host = await startHost({ url: new URL(tracker.url).origin })
const browser = await openBrowser()
for (const { name, width, height, dark, opens } of PICTURES) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-US',
  })
  const page = await context.newPage()
  await page.goto(tracker.url)
  await page.locator('.vt-row').first().waitFor()
  if (opens) {
    await page.locator('.vt-group--active .vt-row__open').last().click()
    await page.locator('.vt-span').first().waitFor()
    await page.evaluate(() => window.scrollTo(0, 0))
  }
  await page.screenshot({ path: join(import.meta.dirname, `../docs/images/${name}.png`), animations: 'disabled' })
  await context.close()
  console.log(`docs/images/${name}.png`)
}
for (const { name, query, width, height } of PANELS) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce', locale: 'en-US' })
  const page = await context.newPage()
  await page.goto(`${host.url}/?${query}&request=${failed}`)
  await page.locator('.vt-row, .vt-span').first().waitFor()
  await page.screenshot({ path: join(import.meta.dirname, `../grafana-plugin/plugin/img/${name}.png`), animations: 'disabled' })
  await context.close()
  console.log(`grafana-plugin/plugin/img/${name}.png`)
}
await browser.close()
await host.stop()
await tracker.stop()
