import { afterAll, beforeAll, expect, test } from 'vitest'
import { circuitBreakers, dashboard, problem } from '../contract.ts'
import type { Dashboard } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let app: Monitoring
beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

async function read(tz: string): Promise<Dashboard> {
  const response = await app.request(`/dashboard?tz=${encodeURIComponent(tz)}`)
  expect(response.status).toBe(200)
  return dashboard.parse(await response.json())
}

test('an empty tracker has figures, none of them a guess', async () => {
  expect(await read('UTC')).toMatchObject({
    active: 0,
    pending: 0,
    completed_today: 0,
    failed_today: 0,
    success_rate: null,
    average_duration_seconds: null,
    timezone: 'UTC',
    stream_cursor: expect.stringMatching(/^[0-9a-f]{12}\.\d+$/),
  })
})

test('today begins at midnight of the zone asked for', async () => {
  const nowMs = Date.now()
  // A moment that is today in one of these zones, 26 hours apart, and not in the other.
  const zones = ['Pacific/Kiritimati', 'Etc/GMT+12']
  const completed = beginStory(nowMs - 20 * 3_600_000)
  const failed = beginStory(nowMs - 60_000)
  await tell(test_.sql, [
    completed.log('vividly.request.completed', 100_000),
    failed.log('vividly.request.failed', 10_000),
    ...exampleLogs(beginStory(nowMs - 30_000)),
    beginStory(nowMs).log('vividly.request.created', 0),
  ])
  for (const zone of zones) {
    const day = (ms: number) => new Date(ms).toLocaleDateString('en', { timeZone: zone })
    const isToday = (ms: number) => day(ms) === day(nowMs)
    const completedToday = isToday(completed.startMs + 100_000)
    const failedToday = isToday(failed.startMs + 10_000)
    expect(await read(zone)).toMatchObject({
      active: 2,
      pending: 1,
      completed_today: Number(completedToday),
      failed_today: Number(failedToday),
      average_duration_seconds: completedToday ? 100 : null,
      timezone: zone,
    })
  }
})

test.each(['Mars/Olympus', 'CET+3', '+01:00', 'EST', "UTC'; drop table x", '../../etc/passwd', 'x'.repeat(201), '\0', 'localtime'])(
  'there is no time zone %s',
  async (tz) => {
    const response = await app.request(`/dashboard?tz=${encodeURIComponent(tz)}`)
    expect(response.status).toBe(400)
    problem.parse(await response.json())
  },
)

test('a breaker is as its worst living instance says, and its counts are those of the living', async () => {
  const story = beginStory(Date.now())
  const say = (instance: string, state: string, calls: number, event = 'status', afterMs = 0) =>
    story.log(
      `vividly.circuit_breaker.${event}`,
      afterMs,
      {
        'vividly.circuit_breaker.name': 'gemini',
        'vividly.circuit_breaker.state': state,
        'vividly.circuit_breaker.calls': calls,
        'vividly.circuit_breaker.failures': 1,
        'vividly.circuit_breaker.slow_calls': 2,
        'vividly.circuit_breaker.rejected': 0,
        ...(state === 'open' ? { 'vividly.circuit_breaker.retry_at': '2030-01-01T00:00:00Z' } : {}),
      },
      { instance, trace_id: null },
    )
  await tell(test_.sql, [
    say('a', 'closed', 10),
    say('b', 'open', 5, 'state_changed', 1),
    say('c', 'half_open', 3, 'state_changed', 2),
    say('gone', 'open', 1000, 'state_changed', 3),
  ])
  await test_.sql`update circuit_breakers set received_at = now() - interval '31 seconds' where instance_id = 'gone'`
  const { items } = circuitBreakers.parse(await (await app.request('/circuit-breakers')).json())
  expect(items).toMatchObject([
    {
      name: 'gemini',
      state: 'open',
      calls: 18,
      failures: 3,
      slow_calls: 6,
      since: new Date(story.startMs + 1).toISOString(),
      retry_at: '2030-01-01T00:00:00.000Z',
      instances: [{ instance_id: 'a', state: 'closed', slow_calls: 2, retry_at: null }, { instance_id: 'b' }, { instance_id: 'c' }],
    },
  ])
})
