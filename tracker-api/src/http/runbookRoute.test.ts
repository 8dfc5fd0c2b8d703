import { expect, test } from 'vitest'
import { runbookRoute } from './runbookRoute.ts'

test('a runbook is text that any browser shows', async () => {
  const response = await runbookRoute().request('/runbooks/CircuitBreakerOpen')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(await response.text()).toMatch(/^# CircuitBreakerOpen\n/)
})

test.each(['/runbooks/Nothing', '/runbooks/..%2fapi', '/runbooks/%2e%2e%2f%2e%2e%2fREADME'])('%s is not there', async (path) => {
  expect((await runbookRoute().request(path)).status).toBe(404)
})
