import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeJsonLogRecords, encodeJsonSpans } from '../tracker-api/src/otlp/testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from '../tracker-api/src/otlp/testing/encodeProtobuf.ts'
import type { WireGroup, WireLogRecord, WireSpan } from '../tracker-api/src/otlp/wire.ts'
import { emptyTables, mergedState } from '../tracker-api/src/testing/mergedState.ts'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import { recordRequest } from './recordRequest.ts'
import type { Recorded } from './recordRequest.ts'

type Part = { span: WireGroup<WireSpan> } | { log: WireGroup<WireLogRecord> }
type Post = { path: string; type: string; body: Buffer<ArrayBuffer> }

let database: TestDatabase
let tracker: TrackerProcess
let recorded: Recorded
let parts: Part[]
beforeAll(async () => {
  recorded = await recordRequest()
  parts = [...recorded.spans.map((span) => ({ span })), ...recorded.logs.map((log) => ({ log }))]
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
})
afterAll(async () => {
  await tracker?.stop()
  await database?.drop()
})

/** One batch in one encoding: as SDKs post it, spans and records apart. */
function toPosts(batch: readonly Part[], isProtobuf: boolean): Post[] {
  const spans = batch.flatMap((part) => ('span' in part ? [part.span] : []))
  const logs = batch.flatMap((part) => ('log' in part ? [part.log] : []))
  const type = isProtobuf ? 'application/x-protobuf' : 'application/json'
  const bodyOfSpans = isProtobuf ? encodeProtobufSpans : encodeJsonSpans
  const bodyOfLogs = isProtobuf ? encodeProtobufLogRecords : encodeJsonLogRecords
  return [
    ...(spans.length > 0 ? [{ path: '/v1/traces', type, body: bodyOfSpans(spans) }] : []),
    ...(logs.length > 0 ? [{ path: '/v1/logs', type, body: bodyOfLogs(logs) }] : []),
  ]
}

async function post({ path, type, body }: Post): Promise<void> {
  const response = await fetch(tracker.url + path, { method: 'POST', headers: { 'content-type': type }, body })
  expect(response.status).toBe(200)
  const answer = Buffer.from(await response.arrayBuffer())
  // Full success: an empty message in either encoding.
  expect(answer.toString()).toBe(type === 'application/json' ? '{}' : '')
}

/** Every part in another order, some twice, cut into batches of either encoding. */
const retellings = (): fc.Arbitrary<Post[]> =>
  fc
    .tuple(
      fc.shuffledSubarray(parts, { minLength: parts.length }),
      fc.subarray(parts),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }),
    )
    .map(([shuffled, again, size, encodings]) => {
      const all = [...shuffled, ...again]
      const batches = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
      return batches.flatMap((batch, i) => toPosts(batch, encodings[i % encodings.length] ?? false))
    })

async function tellOnce(): Promise<unknown> {
  await emptyTables(database.sql)
  for (const one of toPosts(parts, false)) await post(one)
  return mergedState(database.sql)
}

test('what the real SDK tells of one request is all there', async () => {
  expect(await tellOnce()).toMatchObject({
    requests: [{ correlation_id: recorded.correlationId, status: 'completed', progress_percentage: 100, retry_count: 1 }],
    students: [{ student_id: 'student-1', full_name: 'Jane Doe' }],
  })
  const [count] = await database.sql`
    select count(*)::int as stages, count(*) filter (where status = 'completed')::int as completed,
      count(output_data)::int as outputs, (select count(*)::int from request_spans) as spans
    from request_stages`
  expect(count).toEqual({ stages: 6, completed: 6, outputs: 6, spans: recorded.spans.length })
})

test.each([
  ['one after another', async (posts: Post[]) => { for (const one of posts) await post(one) }],
  ['from many connections at once', async (posts: Post[]) => { await Promise.all(posts.map(post)) }],
])('any order, duplication, split and encoding, %s, gives identical rows', async (_, tell) => {
  const once = await tellOnce()
  await fc.assert(
    fc.asyncProperty(retellings(), async (posts) => {
      await emptyTables(database.sql)
      await tell(posts)
      expect(await mergedState(database.sql)).toEqual(once)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 15) },
  )
})
