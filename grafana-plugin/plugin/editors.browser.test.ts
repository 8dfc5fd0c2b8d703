/** What Grafana's own pages draw of the plugin: options of panels, the editor of queries, the settings of the data source. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import { openBrowser } from '@vividly/tracker-api/testing/browser'
import { startFixtureTracker } from '../page/testing/fixtureTracker.ts'
import type { FixtureTracker } from '../page/testing/fixtureTracker.ts'
import { sampleBreaker, sampleMorning } from '../page/testing/sampleRequests.ts'
import { startHost } from './testing/startHost.ts'

let browser: Browser
let tracker: FixtureTracker
let host: Awaited<ReturnType<typeof startHost>>
let upstream: { url: string; token?: string }
let context: BrowserContext
let complaints: string[]
const nowMs = Date.now()
const morning = sampleMorning(nowMs)

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser?.close())

beforeEach(async () => {
  tracker = await startFixtureTracker(morning, [sampleBreaker('gemini', 'closed', nowMs), sampleBreaker('nano_banana', 'open', nowMs)])
  upstream = { url: new URL(tracker.url).origin, token: 'secret' }
  host = await startHost(upstream)
  complaints = []
})
afterEach(async () => {
  await context?.close()
  await host.stop()
  await tracker.stop()
})

async function open(show: string, { more = '' }: { more?: string } = {}): Promise<Page> {
  context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce', locale: 'en-US' })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) complaints.push(message.text())
  })
  await page.goto(`${host.url}/?show=${show}&theme=dark${more}`)
  return page
}

it('draws the editor of each option, and the panel follows what is chosen', async () => {
  const page = await open('flow-panel', { more: '&edit=1' })
  const pane = page.getByRole('complementary', { name: 'Panel options' })
  await page.getByRole('heading', { name: 'In flight by stage' }).waitFor()
  await pane.getByLabel('Show').click()
  await page.keyboard.type('Requests')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'In flight by stage' }).waitFor({ state: 'detached' })
  await page.locator('.vt-row').first().waitFor()
  expect(await pane.locator('#option-variable').count()).toBe(0)
  await pane.getByTitle('Sets a variable').first().click()
  await pane.locator('#option-variable').fill('chosen')
  const row = page.locator('.vt-row').first()
  await row.getByRole('button', { expanded: false }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('var-chosen')).toBe(await row.getAttribute('data-request'))
  await context.close()

  const failed = morning.find(({ status }) => status === 'failed')
  const request = await open('request-panel', { more: '&edit=1' })
  await request.getByText(/No request is chosen/).waitFor()
  await request.locator('#option-requestId').fill(failed?.correlation_id ?? '')
  await request.getByText(/^Failed in Video generation/).waitFor()
  expect(complaints).toEqual([])
})


it('draws the editor of queries, each kind with what it takes', async () => {
  const page = await open('config')
  const edited = async () => (JSON.parse(await page.getByTestId('edited').innerText()) as { query: Record<string, unknown> }).query
  await page.getByLabel('Search').fill('cells')
  await page.getByLabel('Organization').fill('$org')
  expect(await edited()).toMatchObject({ text: 'cells', narrow: { organization: '$org' } })
  await page.getByLabel('Show').click()
  await page.getByText('Stages of a request').click()
  await page.getByLabel('Request', { exact: true }).fill('$request')
  expect(await edited()).toMatchObject({ queryType: 'stages', requestId: '$request' })
  await page.getByLabel('Show').click()
  await page.getByText('Deploys', { exact: true }).click()
  expect(await edited()).toMatchObject({ queryType: 'deployments' })
  expect(await page.getByLabel('Search').count()).toBe(0)
  expect(complaints).toEqual([])
})


it('tests its settings and says what is wrong', async () => {
  const page = await open('config')
  const test = page.getByRole('button', { name: 'Save & test' })
  const said = page.getByRole('status')
  await test.click()
  await said.getByText(/^success: The tracker answers, and its stream is live\. 6 requests/).waitFor()

  const refusing = createServer((_, response) => response.writeHead(401).end())
  await new Promise<void>((resolve) => {
    refusing.listen(0, '127.0.0.1', resolve)
  })
  const { port } = refusing.address() as AddressInfo
  upstream.url = `http://127.0.0.1:${port}`
  await test.click()
  await said.getByText(/^error: The tracker refused the token/).waitFor()
  refusing.closeAllConnections()
  refusing.close()
  await expect.poll(async () => {
    await test.click()
    return said.innerText()
  }).toMatch(/^error: Grafana’s server does not reach the tracker/)

  await page.getByLabel('URL').fill('http://elsewhere:8484/ ')
  await page.getByLabel('Token').fill('vvt_new')
  expect(await page.getByTestId('edited').innerText()).toContain('"apiUrl":"http://elsewhere:8484"')
  expect(await page.getByTestId('edited').innerText()).toContain('"secureJsonData":{"apiToken":"vvt_new"}')
  expect(complaints).toEqual([])
})


it('speaks the language of Grafana’s user, in views, options and editors', async () => {
  const page = await open('flow-panel', { more: '&edit=1&language=de-DE' })
  await page.getByRole('heading', { name: 'Schutzschalter' }).waitFor()
  await page.getByRole('complementary', { name: 'Panel options' }).getByText('Ein Klick auf eine Anfrage').waitFor()
  await context.close()
  const config = await open('config', { more: '&language=de-DE' })
  await config.getByText('Abfrage der Logs').waitFor()
  await config.getByRole('button', { name: 'Save & test' }).click()
  await config.getByText(/^success: Der Tracker antwortet/).waitFor()
  expect(complaints).toEqual([])
})
