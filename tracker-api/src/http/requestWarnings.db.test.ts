import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestDetail } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import type { Story } from '../testing/tellStory.ts'
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

async function warnings({ requestId }: Story): Promise<string[]> {
  const detail = requestDetail.strict().parse(await (await app.request(`/requests/${requestId}`)).json())
  return detail.warnings.map(({ code, message }) => `${code}: ${message}`)
}
const begin = () => beginStory(Date.now() - 60_000)

test('of a request that is whole nothing is said', async () => {
  const story = begin()
  await tell(test_.sql, exampleLogs(story), [story.span(story.traceId.slice(16), 0, 50_000)])
  expect(await warnings(story)).toEqual([])
})

test('a gap says who lost how much and when, as far as that was told', async () => {
  const story = begin()
  const gap = {
    'vividly.telemetry.lost_records': 3,
    'vividly.telemetry.lost_spans': 0,
    'vividly.telemetry.lost_reasons': ['memory_full', 'refused'],
    'vividly.telemetry.lost_from': '2026-01-01T00:00:00.000Z',
    'vividly.telemetry.lost_to': '2026-01-01T00:00:05.000Z',
  }
  await tell(test_.sql, [
    ...exampleLogs(story),
    story.log('vividly.telemetry.gap', 9_000, gap, { uid: '1' }),
    story.log('vividly.telemetry.gap', 10_000, { 'vividly.telemetry.lost_reasons': 'odd' }, { uid: '2' }),
  ])
  const [full, odd, ...others] = await warnings(story)
  expect(others).toEqual([])
  expect(full).toBe(
    'gap: The service script-worker could not deliver 3 log records and 0 spans of this request, from 2026-01-01T00:00:00.000Z ' +
      'to 2026-01-01T00:00:05.000Z (memory_full, refused): what is shown may lack them.',
  )
  expect(odd).toContain('could not deliver some log records and some spans')
})

test('what was cut or dropped is added up, and counts that are none are not believed', async () => {
  const story = begin()
  await tell(
    test_.sql,
    [...exampleLogs(story), story.log('vividly.api_call', 9_000, { 'tracker.truncated_texts_count': 2, 'otel.dropped_attributes_count': 'many' })],
    [story.span('aaaaaaaaaaaaaaaa', 0, 1000, { 'vividly.x': 1, 'tracker.truncated_texts_count': 1, 'otel.dropped_attributes_count': 7 })],
  )
  expect(await warnings(story)).toEqual(['repaired: 3 texts were cut to their greatest length, and 7 attributes were left out.'])
})

test('refused records are told to the request that they name, not those of another organization', async () => {
  const story = begin()
  await tell(test_.sql, exampleLogs(story))
  const refusal = (payload: object) => ({ signal: 'log_record', reason: 'too_deep', detail: '', payload })
  const refusals = [
    refusal({ traceId: story.traceId, attributes: {} }),
    refusal({ trace_id: story.traceId, attributes: { 'vividly.organization.id': 'north' } }),
    refusal({ trace_id: story.traceId, attributes: { 'vividly.organization.id': 'south' } }),
    refusal({ traceId: begin().traceId, attributes: {} }),
    refusal({ traceId: 'f'.repeat(10_000), attributes: {} }),
  ]
  await test_.sql`select from record_signals('[]', '[]', ${JSON.stringify(refusals)}::text::json)`
  expect(await warnings(story)).toEqual(['refused: The tracker refused 2 log records of this request (too_deep): what is shown lacks them.'])
})

test('a root span is missed only of what ended a while ago and sent spans', async () => {
  const story = begin()
  const silent = begin()
  for (const one of [story, silent]) await tell(test_.sql, [...exampleLogs(one), one.log('vividly.request.completed', 50_000)])
  await tell(test_.sql, [], [story.span('aaaaaaaaaaaaaaaa', 0, 1000)])
  expect(await warnings(story)).toEqual([])
  await test_.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`
    await sql`update content_requests set updated_at = now() - interval '2 minutes'`
  })
  expect(await warnings(story)).toEqual([expect.stringMatching(/^missing_root: /)])
  expect(await warnings(silent)).toEqual([])
  await tell(test_.sql, [], [story.span(story.traceId.slice(16), 0, 50_000)])
  expect(await warnings(story)).toEqual([])
})
