import { expect, test } from 'vitest'
import { openBrowser } from './browser.ts'

test('the browser from npm draws a page and closes', async () => {
  const browser = await openBrowser()
  const page = await browser.newPage()
  await page.setContent('<h1>Vividly</h1>')
  expect(await page.getByRole('heading').textContent()).toBe('Vividly')
  expect((await page.screenshot()).length).toBeGreaterThan(1000)
  await browser.close()
  expect(browser.isConnected()).toBe(false)
})
