import { newIdentity } from './newIdentity.ts'

const STAGES = ['validation', 'rag_retrieval', 'script_generation', 'video_generation', 'video_processing', 'notification']
/** Of the whole request, which lies in the past when it is told. */
export const REQUEST_SECONDS = 185

type Attribute = { key: string; value: { stringValue: string } | { intValue: number } }
export type LogRecord = { traceId: string; spanId?: string; timeUnixNano: string; eventName: string; attributes: Attribute[] }
export type Span = {
  traceId: string; spanId: string; parentSpanId?: string; name: string; kind: number
  startTimeUnixNano: string; endTimeUnixNano: string; attributes: Attribute[]
}
/** A request from its creation to its end. */
export type ToldRequest = { correlationId: string; logs: LogRecord[]; spans: Span[] }

export const LOGS_A_REQUEST = 3 + STAGES.length * 3
export const SPANS_A_REQUEST = 1 + STAGES.length

const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } })
const hex16 = () => `${hex8()}${hex8()}`
const hex8 = () => Math.floor(1 + Math.random() * (2 ** 32 - 1)).toString(16).padStart(8, '0')

/** What the SDK sends of a request that went well: 21 records and 7 spans. */
export function tellRequest(endedMs: number): ToldRequest {
  const createdMs = endedMs - REQUEST_SECONDS * 1000
  const { correlationId, traceId, rootSpanId } = newIdentity(createdMs)
  const nano = (afterMs: number) => `${createdMs + Math.round(afterMs)}000000`
  const stageMs = (REQUEST_SECONDS * 1000 - 5_000) / STAGES.length
  const who = [
    text('vividly.organization.id', `org-${Math.floor(Math.random() * 20)}`),
    text('user.id', `student-${Math.floor(Math.random() * 5_000)}`),
    text('vividly.request.topic', 'Photosynthesis in Plants'),
    text('vividly.request.learning_objective', 'Understand the process of photosynthesis'),
  ]
  const record = (eventName: string, afterMs: number, attributes: Attribute[] = [], spanId = rootSpanId): LogRecord => ({
    traceId, spanId, timeUnixNano: nano(afterMs), eventName, attributes: [...attributes, text('log.record.uid', hex16())],
  })
  const logs = [record('vividly.request.created', 0, who), record('vividly.request.started', 1_000)]
  const spans: Span[] = []
  for (const [index, name] of STAGES.entries()) {
    const fromMs = 2_000 + index * stageMs
    const toMs = fromMs + stageMs * (0.5 + 0.4 * Math.random())
    const spanId = hex16()
    const stage = [text('vividly.stage.name', name), { key: 'vividly.stage.attempt', value: { intValue: 1 } }]
    logs.push(
      record('vividly.stage.started', fromMs, stage, spanId),
      record('vividly.api_call', fromMs + 20, [...stage, text('url.full', 'https://provider.example/v1/generate')], spanId),
      record('vividly.stage.completed', toMs, stage, spanId),
    )
    spans.push({
      traceId, spanId, parentSpanId: rootSpanId, name: `stage ${name}`, kind: 1,
      startTimeUnixNano: nano(fromMs), endTimeUnixNano: nano(toMs), attributes: stage,
    })
  }
  logs.push(record('vividly.request.completed', REQUEST_SECONDS * 1000))
  spans.push({
    traceId, spanId: rootSpanId, name: 'content_generation', kind: 1, attributes: who,
    startTimeUnixNano: nano(0), endTimeUnixNano: nano(REQUEST_SECONDS * 1000),
  })
  return { correlationId, logs, spans }
}
