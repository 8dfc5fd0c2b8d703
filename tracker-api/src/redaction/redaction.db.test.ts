import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { startTracker } from '../startTracker.ts'
import type { Tracker } from '../startTracker.ts'
import { beginStory } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let postgres: TestDatabase
let tracker: Tracker
beforeAll(async () => {
  postgres = await createTestDatabase()
  tracker = await startTracker({
    host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: '/nowhere', databaseUrl: postgres.url, logLevel: 'silent',
    redaction: { deniedKeys: ['user.full_name'], allowedKeys: undefined, texts: ['email'] },
  }, createLogger('silent'))
})
afterAll(async () => {
  await tracker?.stop()
  await postgres?.drop()
})

test('what the rules forbid is in no table, however it came, and is counted', async () => {
  const story = beginStory(Date.now() - 5_000)
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const record = (traceId: string) => ({
    traceId, timeUnixNano: `${Date.now()}000000`, eventName: 'vividly.request.created', body: { stringValue: 'mail to hidden@example.org' },
    attributes: [text('user.id', 'student-1'), text('user.full_name', 'Hidden Name'), text('vividly.request.topic', 'write hidden@example.org')],
  })
  const logRecords = [record(story.traceId), record(beginStory(1_200_000_000_000).traceId), { ...record(story.traceId), spanId: 'short' }]
  const post = (path: string, body: object) =>
    fetch(tracker.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  expect((await post('/v1/logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })).status).toBe(200)
  const facade = { student_id: 's', student_name: 'Hidden Name', topic: 'for hidden@example.org' }
  expect((await post('/api/v1/tracking/requests', facade)).status).toBe(201)

  const topics = await postgres.sql`select topic from content_requests order by topic`
  expect(topics.map((row) => row['topic'] as string)).toEqual(['for [redacted]', 'write [redacted]'])
  expect(await postgres.sql`select * from students`).toHaveLength(0)
  const letters = await postgres.sql<{ payload: string }[]>`select payload::text as payload from dead_letters`
  expect(letters).toHaveLength(2)
  for (const { payload } of letters) expect(payload).not.toMatch(/hidden/i)
  const events = await postgres.sql<{ event: string }[]>`select e::text as event from request_events e`
  for (const { event } of events) expect(event).not.toMatch(/hidden/i)
  const metrics = await (await fetch(`${tracker.url}/metrics`)).text()
  expect(metrics).toMatch(/vividly_ingest_redacted_values_total\{by="key"\} 4/)
})
