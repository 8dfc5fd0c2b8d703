import { rootSpanIdOf, traceIdOf } from '@vividly/instrumentation/identity'

export function correlationIdOf(createdMs: number): string {
  return `vvd_${createdMs}_0badcafe`
}

/** A request that failed in its first stage, told over OTLP, so that calls by ID find something. */
export async function sendExample(trackerUrl: string, correlationId: string): Promise<void> {
  const traceId = traceIdOf(correlationId)
  const createdMs = Number(correlationId.split('_')[1])
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const stage = [text('vividly.stage.name', 'validation')]
  const record = (eventName: string, afterMs: number, attributes: unknown[] = []) => {
    return { eventName, traceId, timeUnixNano: `${createdMs + afterMs}000000`, attributes }
  }
  const span = (spanId: string, name: string, attributes: unknown[]) => {
    const startTimeUnixNano = `${createdMs}000000`
    const endTimeUnixNano = `${createdMs + 3_000}000000`
    return { traceId, spanId, name, kind: 1, startTimeUnixNano, endTimeUnixNano, attributes, status: { code: 2 } }
  }
  const logRecords = [
    record('vividly.request.created', 0, [text('vividly.request.topic', 'Cell Division'), text('vividly.organization.id', 'north')]),
    record('vividly.stage.started', 1_000, stage),
    record('vividly.stage.failed', 3_000, [...stage, text('exception.message', 'no such student')]),
  ]
  const spans = [span('1111111111111111', 'validation', stage), span(rootSpanIdOf(traceId), 'content_generation', [])]
  await post(`${trackerUrl}/v1/logs`, { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  await post(`${trackerUrl}/v1/traces`, { resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
}
