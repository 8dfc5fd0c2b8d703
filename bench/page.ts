/** `npm run bench:page`: how the page answers people while 10,000 requests are in flight and change. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { Command } from 'commander'
import { buildPage } from '../scripts/start/buildPage.ts'
import { quantile } from './measure/quantile.ts'
import { writeFigures } from './measure/writeFigures.ts'
import { readWatched, watchPage } from './page/watchPage.ts'
import { updateAtRate } from './page/updateAtRate.ts'
import { openSeeded } from './queries/openSeeded.ts'

const { active, updates, seconds, json } = new Command('bench:page')
  .description(
    'Opens the page in Chromium while requests in flight change, clicks and types in it, and prints how long it let\n' +
      'people wait: first row, interactions (98th percentile), longest task, growth of memory, size of its JavaScript.',
  )
  .option('--active <count>', 'requests in flight', Number, 10_000)
  .option('--updates <count>', 'of them changed a second', Number, 500)
  .option('--seconds <count>', 'of changes', Number, 60)
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ active: number; updates: number; seconds: number; json?: string }>()

const say = (line: string): void => console.error(line)
await buildPage()
const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
const seeded = await openSeeded(join(dir, 'data'), { finished: 1_000, active, days: 1, withEvents: 0 }, say)
const tracker = await startTrackerProcess(seeded.server.databaseUrl)
const browser = await openBrowser()
try {
  const ids = (await seeded.sql<{ id: string }[]>`select id from content_requests where outcome is null`).map(({ id }) => id)
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })).newPage()
  await watchPage(page)
  const openedMs = performance.now()
  await page.goto(`${tracker.url}/monitoring/dashboard`)
  await page.locator('.vt-card').first().waitFor()
  const cardsMs = performance.now() - openedMs
  await page.locator('.vt-row').first().waitFor()
  const rowsMs = performance.now() - openedMs
  say('the page is open; the changes begin')
  const updating = updateAtRate(seeded.sql, ids, updates)
  await sleep(5_000)
  const before = await readWatched(page)
  const interactions: number[] = []
  let longestTaskMs = 0
  const endMs = performance.now() + seconds * 1000
  const tabs = page.getByRole('navigation', { name: 'Filter by status' }).getByRole('link')
  for (let turn = 0; performance.now() < endMs; turn += 1) {
    await tabs.nth(turn % 4).click()
    await sleep(700)
    await page.keyboard.press('j')
    await sleep(300)
  }
  const after = await readWatched(page)
  interactions.push(...after.interactionsMs)
  longestTaskMs = Math.max(longestTaskMs, after.longestTaskMs)
  const changed = await updating.stop()
  const scripts = (await readdir('grafana-plugin/dist/page/assets')).filter((name) => name.endsWith('.js'))
  const sizes = await Promise.all(scripts.map(async (name) => gzipSync(await readFile(join('grafana-plugin/dist/page/assets', name))).length))
  const figures = {
    'cards on screen, ms': cardsMs,
    'first row on screen, ms': rowsMs,
    'interactions over 16 ms': interactions.length,
    'interaction p98, ms': quantile(interactions, 0.98),
    'longest task, ms': longestTaskMs,
    'heap at the start, MiB': before.usedHeapBytes / 2 ** 20,
    'heap at the end, MiB': after.usedHeapBytes / 2 ** 20,
    'changes a second': changed / (seconds + 5),
    'JavaScript, kB gzip': sizes.reduce((sum, size) => sum + size, 0) / 1000,
  }
  console.table(Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10])))
  await writeFigures(json, figures)
} finally {
  await browser.close()
  await tracker.stop()
  await seeded.close()
  await rm(dir, { recursive: true, force: true })
}
