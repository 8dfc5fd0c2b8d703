/** `npm run bench:page`: how the page, or a panel in Grafana, answers people while 10,000 requests are in flight and change. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { Command } from 'commander'
import { buildPlugin } from '../grafana-plugin/buildPlugin.ts'
import { buildHost } from '../grafana-plugin/plugin/testing/buildHost.ts'
import { startHost } from '../grafana-plugin/plugin/testing/startHost.ts'
import { buildPage } from '../grafana-plugin/buildPage.ts'
import { quantile } from './measure/quantile.ts'
import { slopePerMinute } from './measure/slopePerMinute.ts'
import { writeFigures } from './measure/writeFigures.ts'
import { readWatched, watchPage } from './page/watchPage.ts'
import { updateAtRate } from './page/updateAtRate.ts'
import { openSeeded } from './queries/openSeeded.ts'

const { active, updates, seconds, panel, json } = new Command('bench:page')
  .description(
    'Opens the page in Chromium while requests in flight change, clicks and types in it, and prints how long it let\n' +
      'people wait: first row, interactions (98th percentile), longest task, growth of memory, size of its JavaScript.',
  )
  .option('--active <count>', 'requests in flight', Number, 10_000)
  .option('--updates <count>', 'of them changed a second', Number, 500)
  .option('--seconds <count>', 'of changes', Number, 60)
  .option('--panel', 'the flow panel in a page like Grafana’s, behind a proxy like its own, instead of the page', false)
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ active: number; updates: number; seconds: number; panel: boolean; json?: string }>()

/** Often enough that warming up and growing can be told apart within three minutes. */
const HEAP_EVERY_MS = 30_000

const say = (line: string): void => console.error(line)
if (panel) {
  await buildHost()
  await buildPlugin('2026-11-24')
} else {
  await buildPage()
}
const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
const seeded = await openSeeded(join(dir, 'data'), { finished: 1_000, active, days: 1, withEvents: 0 }, say)
const tracker = await startTrackerProcess(seeded.server.databaseUrl)
const host = panel ? await startHost({ url: tracker.url }) : undefined
const browser = await openBrowser()
try {
  const ids = (await seeded.sql<{ id: string }[]>`select id from content_requests where outcome is null`).map(({ id }) => id)
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })).newPage()
  await watchPage(page)
  const openedMs = performance.now()
  await page.goto(host ? `${host.url}/?show=flow-panel&theme=dark` : `${tracker.url}/monitoring/dashboard`)
  await page.locator('.vt-card').first().waitFor()
  const cardsMs = performance.now() - openedMs
  await page.locator('.vt-row').first().waitFor()
  const rowsMs = performance.now() - openedMs
  say('the page is open; the changes begin')
  const updating = updateAtRate(seeded.sql, ids, updates)
  await sleep(5_000)
  const readings = [await readWatched(page)]
  const endMs = performance.now() + seconds * 1000
  const tabs = page.getByRole('navigation', { name: 'Filter by status' }).getByRole('link')
  let heapDueMs = performance.now() + HEAP_EVERY_MS
  for (let turn = 0; performance.now() < endMs; turn += 1) {
    if (performance.now() >= heapDueMs) {
      readings.push(await readWatched(page))
      heapDueMs += HEAP_EVERY_MS
    }
    await tabs.nth(turn % 4).click()
    await sleep(700)
    await page.keyboard.press('j')
    await sleep(300)
  }
  readings.push(await readWatched(page))
  const changed = await updating.stop()
  const interactions = readings.slice(1).flatMap(({ interactionsMs }) => interactionsMs)
  const longestTaskMs = Math.max(...readings.slice(1).map((reading) => reading.longestTaskMs))
  const heapMiB = readings.map(({ usedHeapBytes }) => usedHeapBytes / 2 ** 20)
  say(`heap after a collection, each ${HEAP_EVERY_MS / 1000} s, MiB: ${heapMiB.map((mib) => mib.toFixed(1)).join(' ')}`)
  const figures = {
    'cards on screen, ms': cardsMs,
    'first row on screen, ms': rowsMs,
    'interactions over 16 ms': interactions.length,
    'interaction p98, ms': quantile(interactions, 0.98),
    'longest task, ms': longestTaskMs,
    'heap at the start, MiB': heapMiB[0] ?? 0,
    'heap at the end, MiB': heapMiB.at(-1) ?? 0,
    'heap growth of the last half, MiB/min': slopePerMinute(heapMiB.slice(Math.floor(heapMiB.length / 2)), HEAP_EVERY_MS),
    'changes a second': changed / (seconds + 5),
    'JavaScript, kB gzip': await sizeOfScripts(panel ? 'grafana-plugin/dist/plugin/flow-panel' : 'grafana-plugin/dist/page/assets'),
  }
  console.table(Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10])))
  await writeFigures(json, figures)
} finally {
  await browser.close()
  await host?.stop()
  await tracker.stop()
  await seeded.close()
  await rm(dir, { recursive: true, force: true })
}

async function sizeOfScripts(folder: string): Promise<number> {
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const sizes = await Promise.all(scripts.map(async (name) => gzipSync(await readFile(join(folder, name))).length))
  return sizes.reduce((sum, size) => sum + size, 0) / 1000
}
