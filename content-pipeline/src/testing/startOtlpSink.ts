import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

type AnyValue = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean }
type OtlpAttributes = { key: string; value: AnyValue }[]
type OtlpLog = { traceId?: string; eventName: string; body?: AnyValue; attributes?: OtlpAttributes }
type OtlpSpan = { traceId: string; spanId: string; parentSpanId?: string; name: string; attributes?: OtlpAttributes }
type OtlpBody = {
  resourceLogs?: { scopeLogs: { logRecords: OtlpLog[] }[] }[]
  resourceSpans?: { scopeSpans: { spans: OtlpSpan[] }[] }[]
}

export type SeenLog = { traceId: string | undefined; event: string; message: string; attributes: Record<string, unknown>; arrivedAtMs: number }
export type SeenSpan = OtlpSpan & { values: Record<string, unknown>; arrivedAtMs: number }

export type OtlpSink = {
  url: string
  /** In the order of arrival. */
  logs: SeenLog[]
  spans: SeenSpan[]
  /** Looks again and again; throws with `what` after `timeoutMs`. */
  until: <T>(what: string, look: () => T | undefined | false, timeoutMs?: number) => Promise<T>
  stop: () => Promise<void>
}

/** A receiver that keeps what the real SDK sends as OTLP/HTTP JSON. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const logs: SeenLog[] = []
  const spans: SeenSpan[] = []
  const server = createServer(async (request, response) => {
    const raw = await buffer(request)
    const json = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
    const body = JSON.parse(json.toString()) as OtlpBody
    const arrivedAtMs = performance.now()
    for (const log of (body.resourceLogs ?? []).flatMap((r) => r.scopeLogs).flatMap((s) => s.logRecords)) {
      const message = log.body?.stringValue ?? ''
      logs.push({ traceId: log.traceId, event: log.eventName, message, attributes: toValues(log.attributes), arrivedAtMs })
    }
    for (const span of (body.resourceSpans ?? []).flatMap((r) => r.scopeSpans).flatMap((s) => s.spans)) {
      spans.push({ ...span, values: toValues(span.attributes), arrivedAtMs })
    }
    response.setHeader('Content-Type', 'application/json').end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    logs,
    spans,
    async until(what, look, timeoutMs = 30_000) {
      const deadline = performance.now() + timeoutMs
      while (performance.now() < deadline) {
        const found = look()
        if (found !== undefined && found !== false) return found
        await sleep(50)
      }
      throw new Error(`Not within ${timeoutMs} ms: ${what}. Events seen: ${logs.map((log) => log.message).join(' | ')}`)
    },
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function toValues(attributes: OtlpAttributes = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
