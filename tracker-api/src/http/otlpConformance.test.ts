/** What the OTLP/HTTP specification asks of a receiver: each case in both encodings, over a real socket. */
import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listen } from '../listen.ts'
import type { Listening } from '../listen.ts'
import { LogsResponse, Status, TracesResponse } from '../otlp/responseSchema.ts'
import { encodeJsonLogRecords, encodeJsonSpans } from '../otlp/testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from '../otlp/testing/encodeProtobuf.ts'
import { exampleLogRecord, exampleSpan, groupOf } from '../otlp/testing/exampleSpan.ts'
import type { SignalBatch } from '../signal.ts'
import { MAX_BODY_BYTES } from './readOtlpBody.ts'
import { createTestApp } from './testing/createTestApp.ts'

const batches: SignalBatch[] = []
let recordSignals: (batch: SignalBatch) => Promise<{ refused: SignalBatch['refusals'] }>
let served: Listening
beforeAll(async () => {
  served = await listen(createTestApp({ recordSignals: (batch) => recordSignals(batch) }).app, '127.0.0.1', 0)
})
afterAll(() => served.stop(100))
beforeEach(() => {
  batches.length = 0
  recordSignals = async (batch) => {
    batches.push(batch)
    return { refused: batch.refusals }
  }
})

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; isReused: boolean }

function post(path: string, headers: Record<string, string>, body: Buffer, agent?: Agent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = request(served.url + path, { method: 'POST', headers, agent }, (response) => {
    buffer(response).then(
      (whole) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, isReused: sent.reusedSocket }),
      reject,
    )
  })
  // Who refuses early may cut what is still being sent; its answer has come by then.
  sent.on('error', reject).end(body)
  return promise
}

const spans = groupOf(exampleSpan)
const mixedSpans = groupOf(exampleSpan, { ...exampleSpan, traceId: '' })
const mixedLogs = groupOf(exampleLogRecord, { ...exampleLogRecord, traceId: 'ab' }, { ...exampleLogRecord, spanId: 'cd' })

/** Field 1000, which no version of OTLP has: a receiver skips what it does not know. */
function padProtobuf(body: Buffer, toBytes: number): Buffer {
  const rest = toBytes - body.length
  const length = (size: number): number[] => (size < 128 ? [size] : [(size & 127) | 128, ...length(size >>> 7)])
  const tag = [0xc2, 0x3e]
  for (let digits = 1; digits <= 5; digits++) {
    const payload = rest - tag.length - digits
    if (length(payload).length === digits) return Buffer.concat([body, Buffer.from([...tag, ...length(payload)]), Buffer.alloc(payload)])
  }
  throw new Error('No padding has that size')
}

const encodings = [
  {
    type: 'application/json',
    spansOf: encodeJsonSpans,
    logsOf: encodeJsonLogRecords,
    empty: '{}',
    pad: (body: Buffer, toBytes: number) => Buffer.concat([body, Buffer.alloc(toBytes - body.length, ' ')]),
    unreadable: Buffer.from('{"resourceSpans":[{'),
    statusOf: (body: Buffer) => JSON.parse(body.toString()) as object,
    partialOf: (body: Buffer) => JSON.parse(body.toString()) as object,
    rejected: (count: number) => String(count),
  },
  {
    type: 'application/x-protobuf',
    spansOf: encodeProtobufSpans,
    logsOf: encodeProtobufLogRecords,
    empty: '',
    pad: padProtobuf,
    unreadable: Buffer.from([0x0a, 0xff]),
    statusOf: (body: Buffer) => Status.toObject(Status.decode(body)) as object,
    partialOf: (body: Buffer, path: string) => {
      const type = path === '/v1/traces' ? TracesResponse : LogsResponse
      return type.toObject(type.decode(body), { longs: Number }) as object
    },
    rejected: (count: number) => count,
  },
] as const

describe.each(encodings)('$type', ({ type, spansOf, logsOf, empty, pad, unreadable, statusOf, partialOf, rejected }) => {
  const plain = { 'content-type': type }
  const gzip = { ...plain, 'content-encoding': 'gzip' }

  test.each([
    ['/v1/traces', spansOf(spans)],
    ['/v1/logs', logsOf(groupOf(exampleLogRecord))],
    ['/v1/metrics', Buffer.alloc(0)],
  ])('%s: full success is an empty message in the sender’s encoding, gzip or not', async (path, body) => {
    for (const [headers, sent] of [[plain, body], [gzip, gzipSync(body)]] as const) {
      const answer = await post(path, headers, sent)
      expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([200, type, empty])
    }
    expect(batches.flatMap((batch) => [...batch.spans, ...batch.logs])).toHaveLength(path === '/v1/metrics' ? 0 : 2)
  })

  test.each([
    ['/v1/traces', spansOf(mixedSpans), 'rejectedSpans', 1],
    ['/v1/logs', logsOf(mixedLogs), 'rejectedLogRecords', 2],
  ])('%s: partial success is 200, says how many were rejected and why, and the rest is kept', async (path, body, field, count) => {
    const answer = await post(path, plain, body)
    expect([answer.status, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([200, type, undefined])
    expect(partialOf(answer.body, path)).toEqual({
      partialSuccess: { [field]: rejected(count), errorMessage: expect.stringMatching(/^\d records? (was|were) refused: bad_/) },
    })
    expect(batches.flatMap((batch) => [...batch.spans, ...batch.logs])).toHaveLength(1)
  })

  test('a body that cannot be read is 400 with a Status, which no sender repeats', async () => {
    for (const [headers, body] of [[plain, unreadable], [gzip, gzipSync(unreadable)], [gzip, spansOf(spans)]] as const) {
      const answer = await post('/v1/traces', headers, body)
      expect([answer.status, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([400, type, undefined])
      expect(statusOf(answer.body)).toEqual({ code: 3, message: expect.stringMatching(/\w/) })
    }
    expect(batches).toEqual([])
  })

  test('what the store cannot take now is 503 with a Status and a second’s wait', async () => {
    recordSignals = () => Promise.reject(new Error('down'))
    const answer = await post('/v1/traces', plain, spansOf(spans))
    expect([answer.status, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([503, type, '1'])
    expect(statusOf(answer.body)).toEqual({ code: 14, message: expect.stringMatching(/\w/) })
  })

  test('20 MiB are taken, as sent and inflated; a byte more is 413', async () => {
    const body = spansOf(spans)
    const most = pad(body, MAX_BODY_BYTES)
    expect(most).toHaveLength(MAX_BODY_BYTES)
    expect((await post('/v1/traces', plain, most)).status).toBe(200)
    expect((await post('/v1/traces', gzip, gzipSync(most))).status).toBe(200)
    expect(batches.map((batch) => batch.spans.length)).toEqual([1, 1])
    const answer = await post('/v1/traces', gzip, gzipSync(pad(body, MAX_BODY_BYTES + 1)))
    expect([answer.status, answer.headers['content-type']]).toEqual([413, type])
    expect(statusOf(answer.body)).toMatchObject({ code: 8 })
    expect(batches).toHaveLength(2)
  })

  test('fields of later versions are skipped', async () => {
    const body = spansOf(spans)
    const later = type === 'application/json' ? Buffer.from(body.toString().replace('{', '{"later":{"a":[1]},')) : pad(body, body.length + 100)
    expect((await post('/v1/traces', plain, later)).status).toBe(200)
    expect(batches.map((batch) => batch.spans.length)).toEqual([1])
  })

  test('a connection serves many posts, also after one that was wrong or came while the store was away', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const down = recordSignals
    const answers: Answer[] = []
    for (const body of [spansOf(spans), unreadable, spansOf(mixedSpans), spansOf(spans), spansOf(spans)]) {
      recordSignals = answers.length === 3 ? () => Promise.reject(new Error('down')) : down
      answers.push(await post('/v1/traces', plain, body, agent))
    }
    agent.destroy()
    expect(answers.map(({ status, isReused }) => [status, isReused])).toEqual([
      [200, false],
      [400, true],
      [200, true],
      [503, true],
      [200, true],
    ])
  })

  test('another content type or encoding is 415', async () => {
    for (const headers of [{ 'content-type': 'text/plain' }, { ...plain, 'content-encoding': 'deflate' }]) {
      expect((await post('/v1/traces', headers, spansOf(spans))).status).toBe(415)
    }
    expect(batches).toEqual([])
  })
})
