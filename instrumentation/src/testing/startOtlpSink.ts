import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { toPlainAttributes } from './otlpValues.ts'
import type { OtlpAttribute, OtlpValue } from './otlpValues.ts'

export type SinkSpan = {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code: number; message?: string }
  attributes: Record<string, unknown>
  resource: Record<string, unknown>
}

export type SinkRecord = {
  eventName: string
  traceId?: string
  spanId?: string
  timeUnixNano: string
  severityNumber: number
  message: unknown
  attributes: Record<string, unknown>
  resource: Record<string, unknown>
  receivedAtMs: number
}

/** A point of a metric; of a histogram its count. */
export type SinkPoint = { metric: string; unit: string; attributes: Record<string, unknown>; value: number }
type Encoded<T> = Omit<T, 'attributes' | 'resource' | 'message' | 'receivedAtMs'> & {
  attributes?: OtlpAttribute[]
  body?: OtlpValue
}
type Resource = { attributes?: OtlpAttribute[] }
type EncodedPoint = { attributes?: OtlpAttribute[]; asInt?: number | string; asDouble?: number; count?: number | string }
type EncodedMetric = { name: string; unit?: string } & Partial<Record<'sum' | 'gauge' | 'histogram', { dataPoints: EncodedPoint[] }>>
type Body = {
  resourceMetrics?: { scopeMetrics: { metrics: EncodedMetric[] }[] }[]
  resourceSpans?: { resource: Resource; scopeSpans: { spans: Encoded<SinkSpan>[] }[] }[]
  resourceLogs?: { resource: Resource; scopeLogs: { logRecords: Encoded<SinkRecord>[] }[] }[]
}

/** How the sink answers: as a tracker, with a status, or never. */
export type SinkMode = 'ok' | 'hang' | number

/** A receiver of OTLP/HTTP in JSON on a free loopback port, which keeps what it was sent in order of arrival. */
export async function startOtlpSink(mode: SinkMode = 'ok') {
  const spans: SinkSpan[] = []
  const records: SinkRecord[] = []
  const points: SinkPoint[] = []
  const sink = { mode, posts: 0, spans, records, points, url: '', event, waitFor, stop }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    sink.posts += 1
    if (sink.mode === 'hang') return
    if (sink.mode !== 'ok') {
      response.writeHead(sink.mode).end()
      return
    }
    keep(JSON.parse(body) as Body)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }

  function keep({ resourceSpans = [], resourceLogs = [], resourceMetrics = [] }: Body): void {
    const receivedAtMs = Date.now()
    for (const metric of resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))) {
      const { dataPoints } = metric.sum ?? metric.gauge ?? metric.histogram ?? { dataPoints: [] }
      for (const { attributes, asInt, asDouble, count } of dataPoints) {
        const value = Number(asInt ?? asDouble ?? count)
        points.push({ metric: metric.name, unit: metric.unit ?? '', attributes: toPlainAttributes(attributes), value })
      }
    }
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        const attributes = toPlainAttributes(span.attributes)
        spans.push({ ...span, attributes, resource: toPlainAttributes(resource.attributes) })
      }
    }
    for (const { resource, scopeLogs } of resourceLogs) {
      for (const { body, ...record } of scopeLogs.flatMap((scope) => scope.logRecords)) {
        const attributes = toPlainAttributes(record.attributes)
        const message = body?.stringValue
        records.push({
          ...record,
          attributes,
          message,
          receivedAtMs,
          resource: toPlainAttributes(resource.attributes),
        })
      }
    }
  }

  /** The first record of that event, or an error that names those there are. */
  function event(name: string): SinkRecord {
    const found = records.find((record) => record.eventName === name)
    if (found === undefined)
      throw new Error(`no ${name} among ${records.map((record) => record.eventName).join(', ')}`)
    return found
  }

  async function waitFor(what: string, isThere: () => boolean, timeoutMs = 5000): Promise<void> {
    const deadlineMs = Date.now() + timeoutMs
    while (!isThere()) {
      if (Date.now() > deadlineMs) throw new Error(`no ${what} within ${timeoutMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  const server = createServer((request, response) => void answer(request, response))
  async function stop(): Promise<void> {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return sink
}

export type OtlpSink = Awaited<ReturnType<typeof startOtlpSink>>
