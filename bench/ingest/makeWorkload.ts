import { traceIdOf } from '@vividly/instrumentation/identity'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import { encodeJsonLogRecords, encodeJsonSpans } from '../../tracker-api/src/otlp/testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from '../../tracker-api/src/otlp/testing/encodeProtobuf.ts'
import type { WireAttribute, WireGroup, WireLogRecord, WireSpan } from '../../tracker-api/src/otlp/wire.ts'

/** A body as an exporter posts it. */
export type Body = { path: '/v1/traces' | '/v1/logs'; type: string; items: number; body: Buffer<ArrayBuffer> }
export type WorkloadEncoding = 'protobuf' | 'json'

/** Requests that go on at the same time, so that a batch holds a few records of each of many. */
const INTERLEAVED = 100
/** 20 records and 7 spans. */
export const ITEMS_PER_REQUEST = 3 * DEFAULT_STAGES.length + 2 + DEFAULT_STAGES.length + 1

const resource: WireAttribute[] = [
  { key: 'service.name', value: 'content-worker' },
  { key: 'host.name', value: 'worker-1' },
  { key: 'service.instance.id', value: '7b0f3c52-9a55-4f0e-9d1a-3f6f2f4b8d10' },
]

/** What services tell of requests from creation to end, in the order in which it happens, as posts of `batchSize`. */
export function makeWorkload(requests: number, batchSize: number, encoding: WorkloadEncoding, startMs: number): Body[] {
  const bodies: Body[] = []
  for (let first = 0; first < requests; first += INTERLEAVED) {
    const told = Array.from({ length: Math.min(INTERLEAVED, requests - first) }, (_, i) => tellRequest(startMs, first + i))
    const logs = interleave(told.map((one) => one.logs))
    const spans = interleave(told.map((one) => one.spans))
    // Spans come when they have ended: behind the records that told the same as it happened.
    const logBodies = cut(logs, batchSize).map((records) => logBody(groupOf(records), encoding, records.length))
    const spanBodies = cut(spans, batchSize).map((records) => spanBody(groupOf(records), encoding, records.length))
    logBodies.forEach((body, i) => {
      bodies.push(body)
      const upTo = Math.floor((spanBodies.length * (i + 1)) / logBodies.length)
      bodies.push(...spanBodies.slice(Math.floor((spanBodies.length * i) / logBodies.length), upTo))
    })
  }
  return bodies
}

function tellRequest(startMs: number, number: number): { logs: WireLogRecord[]; spans: WireSpan[] } {
  const random = ((number + 1) * 2_654_435_761) % 2 ** 32
  const traceId = traceIdOf(`vvd_${startMs + Math.floor(number / INTERLEAVED)}_${random.toString(16).padStart(8, '0')}`)
  const rootSpanId = traceId.slice(16)
  let uid = 0
  const nano = (atMs: number): bigint => BigInt(startMs + atMs) * 1_000_000n
  const log = (eventName: string, atMs: number, body: string, attributes: WireAttribute[], spanId: string): WireLogRecord => ({
    traceId,
    spanId,
    eventName: `vividly.${eventName}`,
    timeUnixNano: nano(atMs),
    observedTimeUnixNano: nano(atMs),
    severityNumber: 9,
    body,
    attributes: [...attributes, { key: 'log.record.uid', value: `${traceId.slice(3, 11)}-${traceId.slice(24)}-${uid++}` }],
    droppedAttributesCount: 0,
  })
  const span = (name: string, fromMs: number, toMs: number, attributes: WireAttribute[], spanId: string): WireSpan => ({
    traceId,
    spanId,
    parentSpanId: spanId === rootSpanId ? '' : rootSpanId,
    name,
    kind: 1,
    startTimeUnixNano: nano(fromMs),
    endTimeUnixNano: nano(toMs),
    attributes,
    droppedAttributesCount: 0,
    events: [],
    statusCode: 0,
    statusMessage: '',
  })

  const asked: WireAttribute[] = [
    { key: 'vividly.pipeline.name', value: 'content_generation' },
    { key: 'vividly.organization.id', value: 'north' },
    { key: 'user.id', value: `student-${number % 5_000}` },
    { key: 'vividly.request.topic', value: 'Photosynthesis in plants' },
    { key: 'vividly.request.learning_objective', value: 'Understand how plants turn light into sugar' },
  ]
  const logs = [log('request.created', 0, 'request created', asked, rootSpanId)]
  const spans: WireSpan[] = []
  for (const [i, stage] of DEFAULT_STAGES.entries()) {
    const fromMs = 10 + i * 100
    const spanId = `${String(i + 1).padStart(8, '0')}${rootSpanId.slice(8)}`
    const run: WireAttribute[] = [
      { key: 'vividly.pipeline.name', value: 'content_generation' },
      { key: 'vividly.stage.name', value: stage },
      { key: 'vividly.stage.attempt', value: 1n },
      { key: 'vividly.stage.max_attempts', value: 4n },
    ]
    const call: WireAttribute[] = [
      { key: 'vividly.stage.name', value: stage },
      { key: 'gen_ai.provider.name', value: 'gcp.gemini' },
      { key: 'gen_ai.usage.input_tokens', value: BigInt(400 + i) },
      { key: 'gen_ai.usage.output_tokens', value: BigInt(90 + i) },
      { key: 'duration_ms', value: 41.5 },
    ]
    logs.push(
      log('stage.started', fromMs, `${stage} started`, run, spanId),
      log('api_call', fromMs + 50, 'called the provider', call, spanId),
      log('stage.completed', fromMs + 90, `${stage} completed`, run, spanId),
    )
    spans.push(span(`stage ${stage}`, fromMs, fromMs + 90, run, spanId))
  }
  logs.push(log('request.completed', 700, 'request completed', [{ key: 'vividly.request.video_url', value: 'https://cdn.example/v' }], rootSpanId))
  spans.push(span('content request', 0, 700, asked, rootSpanId))
  return { logs, spans }
}

/** The first of each, then the second of each, …; all are of one length. */
function interleave<T>(lists: readonly T[][]): T[] {
  return (lists[0] ?? []).flatMap((_, i) => lists.flatMap((list) => list.slice(i, i + 1)))
}

function cut<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}

function groupOf<WireRecord>(records: WireRecord[]): WireGroup<WireRecord>[] {
  return [{ path: '', resource, scope: '@vividly/instrumentation', records }]
}

function logBody(groups: WireGroup<WireLogRecord>[], encoding: WorkloadEncoding, items: number): Body {
  return encoding === 'json'
    ? { path: '/v1/logs', type: 'application/json', items, body: encodeJsonLogRecords(groups) }
    : { path: '/v1/logs', type: 'application/x-protobuf', items, body: encodeProtobufLogRecords(groups) }
}

function spanBody(groups: WireGroup<WireSpan>[], encoding: WorkloadEncoding, items: number): Body {
  return encoding === 'json'
    ? { path: '/v1/traces', type: 'application/json', items, body: encodeJsonSpans(groups) }
    : { path: '/v1/traces', type: 'application/x-protobuf', items, body: encodeProtobufSpans(groups) }
}
