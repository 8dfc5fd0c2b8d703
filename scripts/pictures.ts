/** `npm run pictures`: the page's pictures in docs/images/, from the sample requests of its tests. */
import { join } from 'node:path'
import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startFixtureTracker } from '../grafana-plugin/page/testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning } from '../grafana-plugin/page/testing/sampleRequests.ts'
import { buildPage } from './start/buildPage.ts'

const PICTURES = [
  { name: 'dashboard', width: 1440, height: 960, dark: false, opens: false },
  { name: 'dashboard-dark', width: 1440, height: 960, dark: true, opens: true },
  { name: 'dashboard-phone', width: 375, height: 812, dark: false, opens: false },
]

await buildPage()
const nowMs = Date.now()
const breakers = [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)]
const tracker = await startFixtureTracker(sampleMorning(nowMs), breakers)
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
  }
  await page.screenshot({ path: join(import.meta.dirname, `../docs/images/${name}.png`), animations: 'disabled' })
  await context.close()
  console.log(`docs/images/${name}.png`)
}
await browser.close()
await tracker.stop()
