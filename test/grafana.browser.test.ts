import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import type { PipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import { startHost } from '../grafana-plugin/plugin/testing/startHost.ts'
import { createLogger } from '../tracker-api/src/logger.ts'
import { startTracker } from '../tracker-api/src/startTracker.ts'
import { createAccessToken } from '../tracker-api/src/store/access/accessTokens.ts'
import { openDatabase } from '../tracker-api/src/store/database.ts'
import { openBrowser } from '../tracker-api/src/testing/browser.ts'
import { beginStory, exampleLogs, tell } from '../tracker-api/src/testing/tellStory.ts'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'

// The built plugin in a host page, behind a proxy that does what Grafana's does, on the product as it runs.
/** A browser without a locale says "en-US@posix", on which Grafana's own packages fail. */
const AS_PEOPLE_HAVE = { viewport: { width: 1280, height: 900 }, locale: 'en-US' }

let database: TestDatabase
let tracker: TrackerProcess
let pipeline: PipelineProcess
let host: Awaited<ReturnType<typeof startHost>>
let browser: Browser
beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
  pipeline = await startPipelineProcess(database.url, tracker.url, 20)
  host = await startHost({ url: tracker.url })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await host?.stop()
  await pipeline?.stop()
  await tracker?.stop()
  await database?.drop()
})

async function ask(topic: string): Promise<string> {
  const { status, body } = await pipeline.ask({ student_id: 's-1001', organization_id: 'northside-high', topic })
  expect(status).toBe(202)
  return body['correlation_id'] ?? ''
}

async function show(what: string): Promise<Page> {
  const page = await browser.newPage(AS_PEOPLE_HAVE)
  await page.goto(`${host.url}/?show=${what}`)
  return page
}

type Row = Record<string, unknown>

/** The frame of a live query as rows by correlation ID. */
async function readRows(page: Page): Promise<Map<unknown, Row>> {
  const { frames } = JSON.parse(await page.getByTestId('frames').innerText()) as { frames: { fields: { name: string; values: unknown[] }[] }[] }
  const fields = frames[0]?.fields ?? []
  const count = fields[0]?.values.length ?? 0
  const rows = Array.from({ length: count }, (_, index) => Object.fromEntries(fields.map(({ name, values }) => [name, values[index]])))
  return new Map(rows.map((row) => [row['correlation_id'], row]))
}

test('a panel watches a request from its creation to its end', async () => {
  const page = await show('flow-panel')
  await page.getByRole('heading', { name: 'In flight by stage' }).waitFor()
  const row = page.locator(`[data-request=${await ask('Photosynthesis in plants')}]`)
  await row.waitFor({ timeout: 5_000 })
  await row.locator('.vt-row__stage', { hasText: 'Video generation' }).waitFor({ timeout: 20_000 })
  await row.locator('.vt-row__state', { hasText: 'done' }).waitFor({ timeout: 30_000 })
  expect(await row.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('100')
  await page.close()
})

test('streams that are cut again and again leave a query with what a fresh read has', async () => {
  const page = await show('frames')
  const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => ask(`Cut ${index}`)))
  for (let cut = 0; cut < 12; cut += 1) {
    await page.waitForTimeout(300 + 97 * (cut % 7))
    host.cutStreams()
  }
  const ended = async () => {
    const response = await fetch(`${tracker.url}/api/v1/monitoring/requests?limit=200`)
    const { items } = (await response.json()) as { items: { correlation_id: string; status: string; progress_percentage: number; retry_count: number }[] }
    return items.filter(({ correlation_id: id }) => ids.includes(id))
  }
  await expect.poll(async () => (await ended()).filter(({ status }) => status === 'completed').length, { timeout: 60_000 }).toBe(8)
  const fresh = (await ended()).map(({ correlation_id: id, status, progress_percentage: progress, retry_count: retries }) => [id, status, progress, retries])
  await expect
    .poll(async () => {
      const rows = await readRows(page)
      return fresh.map(([id]) => [id, rows.get(id)?.['status'], rows.get(id)?.['progress'], rows.get(id)?.['retry_count']])
    }, { timeout: 30_000 })
    .toEqual(fresh)
  await page.close()
})

test('the token stays on the server and decides what is seen', async () => {
  const guarded = await createTestDatabase()
  const access = openDatabase(guarded.url)
  const { secret } = await createAccessToken(access.admin, { name: 'grafana', organization: 'north', scopes: ['read'], days: 1 })
  await access.close()
  const [ours, theirs] = [beginStory(Date.now() - 60_000), beginStory(Date.now() - 50_000)]
  await tell(guarded.sql, exampleLogs(ours, { 'vividly.organization.id': 'north' }))
  await tell(guarded.sql, exampleLogs(theirs, { 'vividly.organization.id': 'south' }))
  const strict = await startTracker(
    { host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: guarded.url, auth: 'tokens', logLevel: 'silent' },
    createLogger('silent'),
  )
  const upstream: { url: string; token?: string } = { url: strict.url, token: 'vvt_wrong' }
  const proxy = await startHost(upstream)
  const page = await browser.newPage(AS_PEOPLE_HAVE)
  const urls: string[] = []
  page.on('request', (request) => urls.push(request.url() + JSON.stringify(request.headers())))
  await page.goto(`${proxy.url}/?show=config`)
  await page.getByRole('button', { name: 'Save & test' }).click()
  await page.getByRole('status').getByText(/refused the token/).waitFor()
  upstream.token = secret
  await page.getByRole('button', { name: 'Save & test' }).click()
  await page.getByRole('status').getByText(/^success/).waitFor()

  await page.goto(`${proxy.url}/?show=flow-panel`)
  await page.locator(`[data-request=${ours.correlationId}]`).waitFor()
  expect(await page.locator(`[data-request=${theirs.correlationId}]`).count()).toBe(0)
  expect(urls.some((url) => url.includes(secret))).toBe(false)
  await page.close()
  await proxy.stop()
  await strict.stop()
  await guarded.drop()
})
