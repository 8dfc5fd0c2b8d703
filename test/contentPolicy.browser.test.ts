import { request } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../tracker-api/src/logger.ts'
import { startTracker } from '../tracker-api/src/startTracker.ts'
import type { Tracker } from '../tracker-api/src/startTracker.ts'
import { createAccessToken } from '../tracker-api/src/store/access/accessTokens.ts'
import { openDatabase } from '../tracker-api/src/store/database.ts'
import { openBrowser } from '../tracker-api/src/testing/browser.ts'
import { beginStory, exampleLogs, tell } from '../tracker-api/src/testing/tellStory.ts'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'

let postgres: TestDatabase
let tracker: Tracker
let browser: Browser
let secret: string
const story = beginStory(Date.now() - 60_000)
beforeAll(async () => {
  postgres = await createTestDatabase()
  const database = openDatabase(postgres.url)
  secret = (await createAccessToken(database.admin, { name: 'page', organization: 'north', scopes: ['read'], days: 1 })).secret
  await database.close()
  await tell(postgres.sql, exampleLogs(story, { 'vividly.request.topic': '<img src=x onerror="document.title=1">' }))
  tracker = await startTracker({
    host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: postgres.url, auth: 'tokens', logLevel: 'silent',
  }, createLogger('silent'))
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await tracker?.stop()
  await postgres?.drop()
})

/** What the browser refused to do for the page, from its first moment on. */
async function watchViolations(page: Page): Promise<() => string[]> {
  const seen: string[] = []
  await page.exposeFunction('tellViolation', (directive: string) => seen.push(directive))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      ;(globalThis as unknown as { tellViolation: (directive: string) => void }).tellViolation(event.effectiveDirective)
    })
  })
  return () => seen
}

test('a person logs in and uses the page under the strict policy, which stops what is planted', async () => {
  const page = await browser.newPage()
  const violations = await watchViolations(page)
  await page.goto(`${tracker.url}/monitoring/dashboard`)
  expect(new URL(page.url()).pathname).toBe('/login')
  await page.getByLabel('Token').fill(secret)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Live', { exact: true }).waitFor()
  await page.locator(`[data-request=${story.correlationId}]`).click()
  await page.getByText('rendering scene 2 of 5').first().waitFor()
  expect(violations()).toEqual([])
  expect(await page.title()).not.toBe('1')

  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ name: 'vividly_session', httpOnly: true, sameSite: 'Strict' })
  expect(await page.evaluate(() => document.cookie)).toBe('')

  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.title = "planted"'
    document.body.append(script)
  })
  await page.evaluate(() => fetch('https://elsewhere.example/').catch(() => {}))
  await expect.poll(violations).toEqual(['script-src-elem', 'connect-src'])
  expect(await page.title()).not.toBe('planted')
  await page.close()
})

test('a name that was made to point at loopback gets nothing', async () => {
  const { hostname, port } = new URL(tracker.url)
  const statusFor = (host: string): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const headers = { host, authorization: `Bearer ${secret}` }
    request({ hostname, port, path: '/api/v1/monitoring/requests', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject).end()
    return promise
  }
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '0.0.0.0', `localhost.evil.example:${port}`]) {
    expect([host, await statusFor(host)]).toEqual([host, 421])
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) expect([host, await statusFor(host)]).toEqual([host, 200])
})
