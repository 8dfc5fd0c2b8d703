import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestList } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

const stage = { 'vividly.stage.name': 'video_generation' }
const nowMs = Date.now()
/** The video is normally done in 120 s; it begins 40 s after the request. */
const onTime = beginStory(nowMs - 60_000)
const late = beginStory(nowMs - 600_000)
const silent = beginStory(nowMs - 600_001)
const waiting = beginStory(nowMs - 600_002)
const failed = beginStory(nowMs - 600_003)
const names = new Map(Object.entries({ onTime, late, silent, waiting, failed }).map(([name, { requestId }]) => [requestId, name]))
let test_: TestDatabase
let app: Monitoring

beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  const failure = { ...stage, 'error.type': 'TimeoutError', 'vividly.circuit_breaker.name': 'nano_banana', 'exception.message': 'no answer in 30 s' }
  for (const story of [onTime, late, silent]) await tell(test_.sql, exampleLogs(story))
  await tell(test_.sql, [
    ...exampleLogs(waiting),
    waiting.log('vividly.stage.failed', 70_000, failure),
    waiting.log('vividly.retry', 70_000, { ...failure, 'vividly.retry.delay_ms': 3_600_000 }),
  ])
  await tell(test_.sql, [
    ...exampleLogs(failed), failed.log('vividly.stage.failed', 70_000, failure), failed.log('vividly.request.failed', 71_000, failure),
  ])
  // As if the last word had come long ago; triggers would say it came now.
  await test_.sql.begin(async (sql) => {
    const quiet = [silent.requestId, waiting.requestId, failed.requestId]
    await sql`set local session_replication_role = replica`
    await sql`update content_requests set updated_at = now() - interval '9 minutes' where id = any (${quiet})`
    await sql`update request_events set received_at = now() - interval '9 minutes' where request_id = any (${quiet})`
  })
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

async function found(query: string): Promise<string[]> {
  const { items } = requestList.parse(await (await app.request(`/requests?${query}`)).json())
  return items.map(({ id }) => names.get(id) ?? id)
}

test.each([
  ['condition=retrying', ['waiting']],
  ['condition=late', ['late', 'silent']],
  ['condition=stalled', ['silent']],
  ['condition=stalled&organization=south', []],
  ['error_type=TimeoutError', ['waiting', 'failed']],
  ['error_type=TimeoutError&status=failed', ['failed']],
  ['breaker=nano_banana&condition=retrying', ['waiting']],
  ['breaker=gemini', []],
  ['q=answer%20in%2030', ['waiting', 'failed']],
])('%s lists %j', async (query, expected) => {
  expect(await found(query)).toEqual(expected)
})

test('every row says of itself what the filter finds', async () => {
  const { items } = requestList.parse(await (await app.request('/requests')).json())
  const named = (flag: 'is_retrying' | 'is_late' | 'is_stalled') => items.filter((row) => row[flag]).map(({ id }) => names.get(id))
  expect(named('is_retrying')).toEqual(await found('condition=retrying'))
  expect(named('is_late')).toEqual(await found('condition=late'))
  expect(named('is_stalled')).toEqual(await found('condition=stalled'))
})

test('an unknown condition is refused with those that are known', async () => {
  const response = await app.request('/requests?condition=tired')
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('retrying, late, stalled')
})
