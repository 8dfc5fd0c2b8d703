import { newCorrelationId, requestIdOf, rootSpanIdOf, traceIdOf } from '@vividly/instrumentation/identity'
import { EventSourceParserStream } from 'eventsource-parser/stream'

/** Its own pipeline and organization, and never completed or failed: so that it counts in nobody's success. */
export const CANARY = 'canary'

export type CanaryTarget = {
  /** Where services send, without `/v1/…`. */
  otlpUrl: string
  /** Of the tracker, or what balances several. */
  trackerUrl: string
  authorization?: string | undefined
}

/**
 * One request as services tell it (OTLP) and as people see it (the live stream, and then the API).
 *
 * @returns milliseconds from telling its end to hearing of it
 * @throws Error that says where it got lost, at the latest after `patienceMs`
 */
export async function askOnce({ otlpUrl, trackerUrl, authorization }: CanaryTarget, patienceMs: number): Promise<number> {
  const signal = AbortSignal.timeout(patienceMs)
  const headers = authorization === undefined ? {} : { Authorization: authorization }
  const api = `${trackerUrl}/api/v1/monitoring`
  const stream = await step('open the stream', () => fetch(`${api}/stream?organization=${CANARY}`, { headers, signal }))
  const cut = async () => stream.body?.cancel().catch(() => {})
  try {
    const id = newCorrelationId(Date.now())
    const toldAtMs = performance.now()
    await step('send by OTLP', () =>
      fetch(`${otlpUrl}/v1/logs`, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify(toldRequest(id)),
        signal,
      }),
    )
    await hear(stream, requestIdOf(id))
    const tookMs = performance.now() - toldAtMs
    const read = await step('read it', () => fetch(`${api}/requests/${id}`, { headers, signal }))
    const { status } = (await read.json()) as { status: string }
    if (status !== 'cancelled') throw new Error(`The canary was told as cancelled and is read as ${status}`)
    return tookMs
  } finally {
    // An error of the stream was told by whoever read it.
    void cut()
  }
}

async function step(what: string, call: () => Promise<Response>): Promise<Response> {
  const answer = await call().catch((cause: unknown) => {
    throw new Error(`The canary could not ${what}`, { cause })
  })
  if (!answer.ok) throw new Error(`The canary could not ${what}: it was answered ${answer.status}`)
  return answer
}

async function hear({ body }: Response, requestId: string): Promise<void> {
  const frames = body?.pipeThrough(new TextDecoderStream(), { preventCancel: true }).pipeThrough(new EventSourceParserStream())
  try {
    for await (const { event, data } of frames ?? []) {
      if (event !== 'request') continue
      const { row } = JSON.parse(data) as { row: { id: string; status: string } }
      if (row.id === requestId && row.status === 'cancelled') return
    }
  } catch (cause) {
    throw new Error('The canary did not hear of its request on the stream', { cause })
  }
  throw new Error('The canary’s stream ended before it heard of its request')
}

function toldRequest(correlationId: string) {
  const traceId = traceIdOf(correlationId)
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })
  const record = (eventName: string, at: number) => ({
    traceId,
    spanId: rootSpanIdOf(traceId),
    eventName,
    severityNumber: 9,
    timeUnixNano: `${Date.now() + at}000000`,
    attributes: [
      attribute('vividly.pipeline.name', CANARY),
      attribute('vividly.organization.id', CANARY),
      attribute('vividly.request.topic', 'Does what is told arrive?'),
      attribute('log.record.uid', `${traceId}-${at}`),
    ],
  })
  const logRecords = [record('vividly.request.created', 0), record('vividly.request.cancelled', 1)]
  const resource = { attributes: [attribute('service.name', 'vividly-canary')] }
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: {}, logRecords }] }] }
}
