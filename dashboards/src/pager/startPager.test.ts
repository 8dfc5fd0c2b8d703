import { afterEach, beforeEach, expect, test } from 'vitest'
import { startPager } from './startPager.ts'

let pager: Awaited<ReturnType<typeof startPager>>
beforeEach(async () => {
  pager = await startPager()
})
afterEach(() => pager.stop())

const tell = (channel: string, alertname: string, annotations: Record<string, string> = {}) =>
  fetch(`${pager.url}/${channel}`, {
    method: 'POST',
    body: JSON.stringify({ alerts: [{ status: 'firing', labels: { alertname }, annotations }] }),
  })
const page = async () => (await fetch(pager.url)).text()

test('shows what it was told, newest first, with links that are web addresses, and no word of the dead man’s switch', async () => {
  expect(await page()).toContain('Nothing so far')
  await tell('watchdog', 'Watchdog')
  await tell('tickets', 'StageSlow')
  await tell('pages', 'TrackerDown', { summary: 'It is <gone>', runbook_url: 'http://x/r?a="b"', examples_url: 'javascript:alert(1)' })
  const text = await page()
  expect(text.indexOf('TrackerDown')).toBeLessThan(text.indexOf('StageSlow'))
  expect(text).toContain('It is &lt;gone&gt;')
  expect(text).toContain('href="http://x/r?a=&quot;b&quot;"')
  expect(text).not.toMatch(/Watchdog|javascript:/)
  expect(pager.notices.map(({ channel }) => channel)).toEqual(['watchdog', 'tickets', 'pages'])
})
