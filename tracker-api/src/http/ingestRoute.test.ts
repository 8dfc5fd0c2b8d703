import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { App } from '../app.ts'
import { listen } from '../listen.ts'
import type { Listening } from '../listen.ts'
import { LogsResponse, Status, TracesResponse } from '../otlp/responseSchema.ts'
import { encodeJsonLogRecords, encodeJsonSpans } from '../otlp/testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from '../otlp/testing/encodeProtobuf.ts'
import { exampleLogRecord, exampleSpan, groupOf } from '../otlp/testing/exampleSpan.ts'
import { createTestApp } from './testing/createTestApp.ts'

const json = { 'content-type': 'application/json' }
const protobuf = { 'content-type': 'application/x-protobuf' }
const goodSpans = groupOf(exampleSpan)
const mixedSpans = groupOf(exampleSpan, { ...exampleSpan, traceId: '' })

let served: Listening | undefined
afterEach(async () => {
  await served?.stop(100)
  served = undefined
})

async function post(app: App, path: string, headers: Record<string, string>, body: BodyInit): Promise<Response> {
  return app.request(path, { method: 'POST', headers, body })
}

async function statusOf(response: Response): Promise<{ code: number; message: string }> {
  if (response.headers.get('content-type') === json['content-type']) {
    return (await response.json()) as { code: number; message: string }
  }
  return Status.decode(new Uint8Array(await response.arrayBuffer())) as unknown as { code: number; message: string }
}

describe('a good batch', () => {
  test.each([
    ['/v1/traces', json, encodeJsonSpans(goodSpans), '{}'],
    ['/v1/traces', protobuf, encodeProtobufSpans(goodSpans), ''],
    ['/v1/logs', json, encodeJsonLogRecords(groupOf(exampleLogRecord)), '{}'],
    ['/v1/logs', protobuf, encodeProtobufLogRecords(groupOf(exampleLogRecord)), ''],
  ])('to %s in %o is recorded and answered alike', async (path, headers, body, answer) => {
    const { app, batches } = createTestApp()
    const response = await post(app, path, headers, body)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(headers['content-type'])
    expect(await response.text()).toBe(answer)
    expect(batches.map(({ spans, logs }) => spans.length + logs.length)).toEqual([1])
  })

  test('may be gzip', async () => {
    const { app, batches } = createTestApp()
    const headers = { ...protobuf, 'content-encoding': 'gzip' }
    expect((await post(app, '/v1/traces', headers, gzipSync(encodeProtobufSpans(goodSpans)))).status).toBe(200)
    expect(batches[0]?.spans[0]?.trace_id).toBe(exampleSpan.traceId)
  })

  test('of nothing is taken and not recorded', async () => {
    const { app, batches } = createTestApp()
    for (const headers of [json, protobuf]) expect((await post(app, '/v1/traces', headers, '')).status).toBe(200)
    expect((await post(app, '/v1/logs', json, '{}')).status).toBe(200)
    expect(batches).toEqual([])
  })
})

describe('a batch that is good in part', () => {
  test('says in JSON how many were refused, and which', async () => {
    const { app, batches } = createTestApp()
    const response = await post(app, '/v1/traces', json, encodeJsonSpans(mixedSpans))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedSpans: '1',
        errorMessage:
          '1 record was refused: bad_trace_id ' +
          '(resourceSpans[0].scopeSpans[0].spans[1]: traceId is missing or all zero)',
      },
    })
    expect(batches[0]?.spans).toHaveLength(1)
    expect(batches[0]?.refusals).toHaveLength(1)
  })

  test('says the same in protobuf', async () => {
    const { app } = createTestApp()
    const traces = await post(app, '/v1/traces', protobuf, encodeProtobufSpans(mixedSpans))
    expect(TracesResponse.toObject(TracesResponse.decode(new Uint8Array(await traces.arrayBuffer())))).toMatchObject({
      partialSuccess: { rejectedSpans: { low: 1, high: 0 }, errorMessage: expect.stringContaining('bad_trace_id') },
    })
    const bad = groupOf({ ...exampleLogRecord, traceId: 'ab' }, { ...exampleLogRecord, traceId: 'cd' })
    const logs = await post(app, '/v1/logs', protobuf, encodeProtobufLogRecords(bad))
    expect(LogsResponse.toObject(LogsResponse.decode(new Uint8Array(await logs.arrayBuffer())))).toMatchObject({
      partialSuccess: { rejectedLogRecords: { low: 2, high: 0 } },
    })
  })

  test('counts what the store refused, and what was accepted', async () => {
    const refused = { signal: 'span', reason: 'too_old', detail: 'x' } as const
    const { app, metrics } = createTestApp({
      recordSignals: async ({ refusals }) => ({ refused: [...refusals, refused] }),
    })
    const spans = [exampleSpan, { ...exampleSpan, traceId: '' }, exampleSpan]
    const response = await post(app, '/v1/traces', json, encodeJsonSpans(groupOf(...spans)))
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '2' } })
    const text = await metrics.registry.metrics()
    expect(text).toContain('vividly_ingest_accepted_records_total{signal="span"} 1')
    expect(text).toContain('vividly_ingest_refused_records_total{signal="span",reason="too_old"} 1')
    expect(text).toContain('vividly_ingest_refused_records_total{signal="span",reason="bad_trace_id"} 1')
  })

  test('names a few of many', async () => {
    const { app } = createTestApp()
    const bad = Array.from({ length: 1_000 }, () => ({ ...exampleSpan, traceId: '' }))
    const response = await post(app, '/v1/traces', json, encodeJsonSpans(groupOf(...bad)))
    const { partialSuccess } = (await response.json()) as { partialSuccess: { errorMessage: string } }
    expect(partialSuccess.errorMessage).toMatch(/^1000 records were refused: .*; and 995 more$/)
    expect(partialSuccess.errorMessage.length).toBeLessThan(1_500)
  })
})

describe('a request that is wrong as a whole is not recorded', () => {
  const jsonAsProtobuf = encodeJsonSpans(goodSpans)
  const gzip = { ...json, 'content-encoding': 'gzip' }
  const whole = gzipSync(encodeJsonSpans(goodSpans))
  const badChecksum = Buffer.from(whole)
  badChecksum.writeUInt32LE(1, badChecksum.length - 8)
  test.each<[string, number, Record<string, string>, string | Uint8Array<ArrayBuffer>]>([
    ['no content type', 415, { 'content-type': '' }, '{}'],
    ['text/plain', 415, { 'content-type': 'text/plain' }, '{}'],
    ['a charset that is not UTF-8', 415, { 'content-type': 'application/json; charset=utf-16' }, '{}'],
    ['an encoding we do not know', 415, { ...json, 'content-encoding': 'br' }, '{}'],
    ['two encodings', 415, { ...json, 'content-encoding': 'gzip, gzip' }, '{}'],
    ['gzip in gzip', 415, gzip, gzipSync(whole)],
    ['truncated gzip', 400, gzip, new Uint8Array(whole.subarray(0, -5))],
    ['a wrong checksum', 400, gzip, badChecksum],
    ['bytes behind the gzip', 400, gzip, new Uint8Array(Buffer.concat([whole, Buffer.from('more')]))],
    ['no gzip at all', 400, gzip, '{}'],
    ['JSON named protobuf', 400, protobuf, new Uint8Array(jsonAsProtobuf)],
    ['protobuf named JSON', 400, json, new Uint8Array(encodeProtobufSpans(goodSpans))],
    ['broken JSON', 400, json, '{"resourceSpans":['],
    ['an inflated body of 21 MiB', 413, gzip, gzipSync(Buffer.alloc(21 * 1024 * 1024, ' '))],
    ['a body of 21 MiB', 413, json, new Uint8Array(21 * 1024 * 1024)],
  ])('%s: %i', async (_, status, headers, body) => {
    const { app, batches } = createTestApp()
    const response = await post(app, '/v1/traces', headers, body)
    expect(response.status).toBe(status)
    const answered = headers['content-type'] === protobuf['content-type'] ? protobuf : json
    expect(response.headers.get('content-type')).toBe(answered['content-type'])
    expect(await statusOf(response)).toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/\w{3}/) })
    expect(batches).toEqual([])
  })

  test('charset=utf-8 is fine', async () => {
    const { app } = createTestApp()
    for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
      expect((await post(app, '/v1/logs', { 'content-type': type }, '{}')).status).toBe(200)
    }
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s: 405', async (method) => {
    const response = await createTestApp().app.request('/v1/traces', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('when the store can’t take it', () => {
  test('whatever it throws is 503, to be tried again in a second', async () => {
    const { app } = createTestApp({ recordSignals: () => Promise.reject(new Error('secret of the database')) })
    const bodies = [
      [json, encodeJsonSpans(goodSpans)],
      [protobuf, encodeProtobufSpans(goodSpans)],
    ] as const
    for (const [headers, body] of bodies) {
      const response = await post(app, '/v1/traces', headers, body)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      const status = await statusOf(response)
      expect(status.code).toBe(14)
      expect(status.message).not.toContain('secret')
    }
  })

  test('a store that never answers is 503 too', async () => {
    const { app } = createTestApp({ recordSignals: () => new Promise(() => {}), storeDeadlineMs: 50 })
    expect((await post(app, '/v1/traces', json, encodeJsonSpans(goodSpans))).status).toBe(503)
  })
})

describe('when bodies under way hold all the room there is', () => {
  const mebibyte = 1024 * 1024
  const answers = new Map([
    [json, encodeJsonSpans(goodSpans)],
    [protobuf, encodeProtobufSpans(goodSpans)],
  ])

  test('the next is 429, to be tried again in a second, and taken as soon as there is room', async () => {
    const stored = Promise.withResolvers<{ refused: [] }>()
    // Room for the one that waits for its commit.
    const { app } = createTestApp({ recordSignals: () => stored.promise, maxBodyBytesUnderWay: 100 * 1024 })
    const first = post(app, '/v1/traces', json, encodeJsonSpans(goodSpans))
    for (const [headers, body] of answers) {
      for (const path of ['/v1/traces', '/v1/metrics']) {
        const response = await post(app, path, headers, body)
        expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1'])
        expect(response.headers.get('content-type')).toBe(headers['content-type'])
        expect((await statusOf(response)).code).toBe(8)
      }
    }
    stored.resolve({ refused: [] })
    expect((await first).status).toBe(200)
    expect((await post(app, '/v1/traces', json, encodeJsonSpans(goodSpans))).status).toBe(200)
  })

  test('a body is counted as inflated', async () => {
    const { app } = createTestApp({ maxBodyBytesUnderWay: 2 * mebibyte })
    const gzip = { ...json, 'content-encoding': 'gzip' }
    expect((await post(app, '/v1/logs', gzip, gzipSync(Buffer.alloc(3 * mebibyte, ' ')))).status).toBe(429)
    expect((await post(app, '/v1/logs', gzip, gzipSync(Buffer.from(`{}${' '.repeat(mebibyte)}`)))).status).toBe(200)
  })

  test('what is refused or breaks off gives its room back', async () => {
    const { app } = createTestApp({ maxBodyBytesUnderWay: mebibyte })
    for (let i = 0; i < 20; i++) {
      expect((await post(app, '/v1/logs', json, `{${' '.repeat(mebibyte / 2)}`)).status).toBe(400)
    }
  })
})

test('metrics are taken, dropped and counted', async () => {
  const { app, metrics, batches } = createTestApp()
  expect((await post(app, '/v1/metrics', json, '{"resourceMetrics":[{}]}')).status).toBe(200)
  expect((await post(app, '/v1/metrics', protobuf, 'x')).status).toBe(200)
  expect((await post(app, '/v1/metrics', { 'content-type': 'text/csv' }, 'x')).status).toBe(415)
  expect(batches).toEqual([])
  expect(await metrics.registry.metrics()).toContain('vividly_ingest_metrics_requests_dropped_total 2')
})

describe('over a socket', () => {
  async function serve(...args: Parameters<typeof createTestApp>) {
    const created = createTestApp(...args)
    served = await listen(created.app, '127.0.0.1', 0)
    return { ...created, url: served.url }
  }

  async function stream(url: string, headers: Record<string, string>, body: ReadableStream, signal?: AbortSignal) {
    const init = { method: 'POST', headers, body, duplex: 'half', signal }
    return (await fetch(`${url}/v1/traces`, init as RequestInit)).status
  }

  test('a chunked body without a length is taken', async () => {
    const { url, batches } = await serve()
    const body = new Blob([encodeProtobufSpans(goodSpans)]).stream()
    expect(await stream(url, protobuf, body)).toBe(200)
    expect(batches).toHaveLength(1)
  })

  test('a length over the limit is refused before the body is sent', async () => {
    const { url } = await serve()
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const head = ['POST /v1/traces HTTP/1.1', `Host: ${hostname}`, 'Content-Type: application/json']
    socket.write([...head, 'Content-Length: 21000000000', '', ''].join('\r\n'))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  test('a chunked body is cut at the limit, and the server goes on', async () => {
    const { url } = await serve()
    let sentBytes = 0
    const endless = new ReadableStream({
      pull(controller) {
        sentBytes += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    expect([413, 'cut']).toContain(await stream(url, json, endless).catch(() => 'cut'))
    expect(sentBytes).toBeLessThan(100 * 1024 * 1024)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  test('a gzip bomb of 1 GiB is refused at 20 MiB, in little memory', async () => {
    const { url } = await serve()
    // gzip members one behind the other inflate to their sum: each is 64 MiB of nothing in 64 KiB.
    const bomb = Buffer.concat(Array.from({ length: 16 }, () => member))
    const before = process.memoryUsage().rss
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { ...json, 'content-encoding': 'gzip' },
      body: bomb,
    })
    expect(response.status).toBe(413)
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024)
  })

  test('a body that does not end is 408', async () => {
    const { url, batches } = await serve({ bodyDeadlineMs: 150 })
    const slow = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) })
    expect(await stream(url, json, slow)).toBe(408)
    expect(batches).toEqual([])
  })

  test('a sender that goes away in the middle costs nothing', async () => {
    const { url, batches } = await serve()
    const leaving = new AbortController()
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(encodeProtobufSpans(goodSpans).subarray(0, 20))
        setTimeout(() => leaving.abort(), 50)
      },
    })
    await expect(stream(url, protobuf, half, leaving.signal)).rejects.toThrow('aborted')
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(batches).toEqual([])
  })
})

const member = gzipSync(Buffer.alloc(64 * 1024 * 1024))
