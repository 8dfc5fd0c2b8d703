import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { requestsCsvRoute } from './requestsCsvRoute.ts'

const count = 450
const stories = Array.from({ length: count }, (_, index) => beginStory(Date.now() - 600_000 + index))
let test_: TestDatabase
let app: Monitoring
beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  const created = stories.map((story, index) =>
    story.log('vividly.request.created', 0, { 'vividly.request.topic': index === 0 ? '=HYPERLINK("x")' : 'Cells, dividing' }))
  await tell(test_.sql, created)
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

test('all pages come as one table, newest first, with formulas disarmed', async () => {
  const response = await fetch(`${app.url}/requests.csv`, { headers: { accept: 'text/csv' } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
  const lines = (await response.text()).split('\r\n')
  expect(lines[0]).toMatch(/^id,correlation_id,/)
  expect(lines.slice(1, -1).map((line) => line.split(',')[1])).toEqual(stories.map(({ correlationId }) => correlationId).reverse())
  expect(lines[1]).toContain('"Cells, dividing"')
  expect(lines[count]).toContain(`"'=HYPERLINK(""x"")"`)
})

test('the filters of the list hold, and a wrong one is a problem', async () => {
  expect((await (await app.request('/requests.csv?status=failed')).text()).split('\r\n')).toHaveLength(2)
  expect((await app.request('/requests.csv?limit=3')).status).toBe(400)
})

test('a table whose token ends on the way is cut, never whole', async () => {
  const database = openDatabase(test_.url)
  let looks = 0
  const route = new Hono()
    .use(async (c, next) => {
      c.set('isStillAllowed', () => Promise.resolve(++looks < 3))
      return next()
    })
    .route('/', requestsCsvRoute({ read: database.read }))
  await expect((await route.request('/requests.csv')).text()).rejects.toThrow('The token ended')
  await database.close()
})
