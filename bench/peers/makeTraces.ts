import { traceIdOf } from '@vividly/instrumentation/identity'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import { encodeProtobufSpans } from '../../tracker-api/src/otlp/testing/encodeProtobuf.ts'
import type { WireAttribute, WireSpan } from '../../tracker-api/src/otlp/wire.ts'

/** A request as its services trace it: a root and a span a stage, of ten attributes each. */
export type Trace = { traceId: string; student: string; spans: WireSpan[] }

export const SPANS_A_TRACE = DEFAULT_STAGES.length + 1
const resource: WireAttribute[] = [
  { key: 'service.name', value: 'content-worker' },
  { key: 'host.name', value: 'worker-1' },
  { key: 'service.instance.id', value: '7b0f3c52-9a55-4f0e-9d1a-3f6f2f4b8d10' },
]

/** So many traces that began a millisecond after each other, with IDs that no other call with another time gives. */
export function makeTraces(count: number, startMs: number): Trace[] {
  return Array.from({ length: count }, (_, number) => makeTrace(startMs + number, number))
}

/** Bodies of `size` spans, of a hundred requests at a time, as a Collector sends them. */
export function toSpanBatches(traces: readonly Trace[], size: number): WireSpan[][] {
  const batches: WireSpan[][] = []
  let open: WireSpan[] = []
  for (let first = 0; first < traces.length; first += 100) {
    const together = traces.slice(first, first + 100)
    for (let n = 0; n < SPANS_A_TRACE; n += 1) {
      for (const { spans } of together) open.push(...spans.slice(n, n + 1))
    }
    while (open.length >= size) batches.push(open.splice(0, size))
  }
  if (open.length > 0) batches.push(open)
  return batches
}

export function toProtobuf(spans: WireSpan[]): Buffer<ArrayBuffer> {
  return encodeProtobufSpans([{ path: 'resourceSpans[0].scopeSpans[0].spans', resource, scope: '@vividly/instrumentation', records: spans }])
}

/** The same in Zipkin's own form, for it takes no OTLP: what the resource says of the host stands at each span. */
export function toZipkin(spans: WireSpan[]): Buffer<ArrayBuffer> {
  const [, host, instance] = resource
  return Buffer.from(
    JSON.stringify(
      spans.map(({ traceId, spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano, attributes }) => ({
        traceId, id: spanId, name, ...(parentSpanId !== '' && { parentId: parentSpanId }),
        timestamp: Number(startTimeUnixNano / 1000n), duration: Math.max(1, Number((endTimeUnixNano - startTimeUnixNano) / 1000n)),
        localEndpoint: { serviceName: 'content-worker' },
        tags: Object.fromEntries([...attributes, host, instance].flatMap((one) => (one ? [[one.key, toTag(one)]] : []))),
      })),
    ),
  )
}

/** What a trace here holds: texts and whole numbers. */
function toTag({ key, value }: WireAttribute): string {
  if (typeof value === 'string' || typeof value === 'bigint') return value.toString()
  throw new Error(`${key} is no text and no whole number`)
}

function makeTrace(startMs: number, number: number): Trace {
  const random = ((number + 1) * 2_654_435_761) % 2 ** 32
  const traceId = traceIdOf(`vvd_${startMs}_${random.toString(16).padStart(8, '0')}`)
  const rootSpanId = traceId.slice(16)
  const student = `student-${number % 1_000}`
  const span = (name: string, spanId: string, fromMs: number, toMs: number, attributes: WireAttribute[]): WireSpan => ({
    traceId, spanId, parentSpanId: spanId === rootSpanId ? '' : rootSpanId, name, kind: 1,
    startTimeUnixNano: BigInt(startMs + fromMs) * 1_000_000n, endTimeUnixNano: BigInt(startMs + toMs) * 1_000_000n,
    attributes, droppedAttributesCount: 0, events: [], statusCode: 0, statusMessage: '',
  })
  const about: WireAttribute[] = [
    { key: 'vividly.pipeline.name', value: 'content_generation' },
    { key: 'vividly.organization.id', value: `org-${number % 20}` },
    { key: 'user.id', value: student },
    { key: 'deployment.environment.name', value: 'production' },
    { key: 'gen_ai.provider.name', value: 'gcp.gemini' },
    { key: 'gen_ai.usage.input_tokens', value: BigInt(400 + (number % 100)) },
    { key: 'gen_ai.usage.output_tokens', value: BigInt(90 + (number % 50)) },
  ]
  const stages = DEFAULT_STAGES.map((stage, i) =>
    span(`stage ${stage}`, `${String(i + 1).padStart(8, '0')}${rootSpanId.slice(8)}`, 10 + i * 100, 100 + i * 100, [
      ...about,
      { key: 'vividly.stage.name', value: stage },
      { key: 'vividly.stage.attempt', value: 1n },
      { key: 'vividly.stage.max_attempts', value: 4n },
    ]),
  )
  const root = span('content request', rootSpanId, 0, 700, [
    ...about,
    { key: 'vividly.request.topic', value: 'Photosynthesis in plants' },
    { key: 'vividly.request.learning_objective', value: 'Understand how plants turn light into sugar' },
    { key: 'vividly.request.video_url', value: 'https://cdn.example/v' },
  ])
  return { traceId, student, spans: [...stages, root] }
}
