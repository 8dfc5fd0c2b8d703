/** `npm run bench:shown`: from a committed change to its row on the page, in a real browser. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { Command } from 'commander'
import { buildPage } from '../grafana-plugin/buildPage.ts'
import { quantile } from './measure/quantile.ts'
import { writeFigures } from './measure/writeFigures.ts'
import { noteShown, readShown } from './page/noteShown.ts'
import { changeAtRate } from './stream/changeAtRate.ts'
import type { Sent } from './stream/changeAtRate.ts'

const { rate, rounds, json } = new Command('bench:shown')
  .description('Tells of requests, each by a post of its own, and prints when each was committed and when it was on the screen of a browser.')
  .option('--rate <count>', 'requests a second', Number, 2)
  .option('--rounds <count>', 'of ten seconds, each on a page just opened', Number, 6)
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ rate: number; rounds: number; json?: string }>()

/** Milliseconds that are promised from commit to screen. */
const promised = { p50: 60, p99: 250 }

await buildPage()
const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
await chmod(dir, 0o755)
const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
const tracker = await startTrackerProcess(postgres.databaseUrl)
const browser = await openBrowser()
try {
  const sent: Sent[] = []
  const shownMs = new Map<string, number>()
  await changeAtRate(tracker.url, 50, 2)
  for (let round = 0; round < rounds; round += 1) {
    // High enough for every row: what is outside the window is not drawn at all.
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 3_000 }, locale: 'en-US' })).newPage()
    await noteShown(page)
    await page.goto(`${tracker.url}/monitoring/dashboard`)
    await page.locator('.vt-row').first().waitFor()
    await page.waitForTimeout(1_000)
    sent.push(...(await changeAtRate(tracker.url, rate, 10)))
    await page.waitForTimeout(1_000)
    // Those of earlier rounds are on this page too.
    for (const [id, atMs] of await readShown(page)) if (!shownMs.has(id)) shownMs.set(id, atMs)
    await page.context().close()
  }
  const shown = sent.flatMap(({ id, atMs, answeredMs }) => {
    const at = shownMs.get(id)
    return at === undefined ? [] : [{ sinceSentMs: at - atMs, sinceCommitMs: at - answeredMs }]
  })
  const of = (share: number) => quantile(shown.map(({ sinceCommitMs }) => sinceCommitMs), share)
  const figures = {
    p50: of(0.5), p99: of(0.99), promised_p50: promised.p50, promised_p99: promised.p99,
    since_sent_p50: quantile(shown.map(({ sinceSentMs }) => sinceSentMs), 0.5),
    missing: sent.length - shown.length, samples: shown.length, per_second: rate,
  }
  console.table(Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10])))
  await writeFigures(json, { shown: figures })
} finally {
  await browser.close()
  await tracker.stop()
  await postgres.stop()
  await rm(dir, { recursive: true, force: true })
}
