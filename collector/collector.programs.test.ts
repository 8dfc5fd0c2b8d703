import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startOtlpSink } from '../instrumentation/src/testing/startOtlpSink.ts'
import type { OtlpSink } from '../instrumentation/src/testing/startOtlpSink.ts'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildCollector } from './src/buildCollector.ts'
import { startGateway } from './src/testing/gateway.ts'
import type { Gateway } from './src/testing/gateway.ts'
import { PERSONAL, tellRequest } from './src/testing/tellRequest.ts'

const run = promisify(execFile)
/** As they are merged. */
const configs = [
  ['collector.yaml'],
  ['agent.yaml'],
  ['collector.yaml', 'kafka/to-kafka.yaml'],
  ['kafka/from-kafka.yaml'],
  ['collector.yaml', 'homes/failures.yaml', 'homes/sentry.yaml'],
  ['collector.yaml', 'homes/failures.yaml', 'homes/datadog.yaml'],
]
const file = (name: string) => join(import.meta.dirname, name)

let program: string
beforeAll(async () => {
  program = await buildCollector((line) => console.log(line))
}, 1_800_000)

describe('configurations', () => {
  test.each(configs.map((files) => ({ name: files.join(' + '), files })))('$name is valid to the real Collector', async ({ files }) => {
    await expect(run(program, ['validate', ...files.flatMap((name) => ['--config', file(name)])])).resolves.toBeDefined()
  })

  test('the distribution holds the components that they use, and no other', async () => {
    const { stdout } = await run(program, ['components'])
    const held = parse(stdout) as Record<string, { name: string }[]>
    const used = new Map<string, Set<string>>()
    for (const config of new Set(configs.flat())) {
      const sections = parse(await readFile(file(config), 'utf8')) as Record<string, Record<string, unknown>>
      for (const kind of ['extensions', 'receivers', 'processors', 'connectors', 'exporters']) {
        const names = used.get(kind) ?? new Set()
        for (const id of Object.keys(sections[kind] ?? {})) names.add(id.split('/')[0] ?? id)
        used.set(kind, names)
      }
    }
    for (const [kind, names] of used) {
      expect({ [kind]: held[kind]?.map(({ name }) => name).sort() }).toEqual({ [kind]: [...names].sort() })
    }
  })
})

describe('collector.yaml', () => {
  let tracker: OtlpSink
  let store: OtlpSink
  let gateway: Gateway
  beforeAll(async () => {
    tracker = await startOtlpSink()
    store = await startOtlpSink()
    gateway = await startGateway(tracker.url, store.url)
  }, 60_000)
  afterAll(async () => {
    await gateway?.stop()
    await tracker?.stop()
    await store?.stop()
  })

  const post = (path: string, body: unknown) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })

  test('the tracker gets all, the trace store nothing personal', async () => {
    const told = tellRequest(Date.now())
    expect((await post('/v1/traces', told.traces)).status).toBe(200)
    expect((await post('/v1/logs', told.logs)).status).toBe(200)
    await tracker.waitFor('spans and records at the tracker', () => tracker.spans.length === 2 && tracker.records.length === 1)
    await store.waitFor('spans at the trace store', () => store.spans.length === 2)

    expect(tracker.event('vividly.request.created').attributes).toMatchObject({
      'user.full_name': PERSONAL.name,
      'vividly.request.topic': PERSONAL.topic,
    })
    expect(store.records).toEqual([])
    const known = JSON.stringify(store.spans)
    for (const personal of Object.values(PERSONAL)) expect(known).not.toContain(personal)
    expect(store.spans.find(({ name }) => name === 'validation')).toMatchObject({
      traceId: told.traceId,
      status: { code: 2, message: 'TopicRefused' },
      attributes: { 'vividly.stage.name': 'validation', 'error.type': 'TopicRefused' },
      resource: { 'service.name': 'stranger' },
    })
  })

  test('span metrics: a series a stage, with the trace as its exemplar', async () => {
    const told = tellRequest(Date.now())
    await post('/v1/traces', told.traces)
    const exposition = await eventually(async () => {
      const answer = await fetch(gateway.metricsUrl, { headers: { Accept: 'application/openmetrics-text; version=1.0.0' } })
      const text = await answer.text()
      return text.includes(told.traceId) ? text : undefined
    })
    const calls = exposition.split('\n').filter((line) => line.startsWith('vividly_span_calls_total{'))
    expect(calls).toHaveLength(1)
    expect(calls[0]).toContain('vividly_stage_name="validation"')
    expect(calls[0]).toContain('vividly_stage_status="failed"')
    for (const personal of Object.values(PERSONAL)) expect(exposition).not.toContain(personal)
  })

  test('what comes by gRPC reaches the tracker too', async () => {
    const exporter = new OTLPTraceExporter({ url: gateway.grpcUrl })
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
    provider.getTracer('test').startSpan('told by gRPC', { attributes: { 'vividly.stage.name': 'validation' } }).end()
    await tracker.waitFor('the span told by gRPC', () => tracker.spans.some(({ name }) => name === 'told by gRPC'))
    expect(tracker.spans.find(({ name }) => name === 'told by gRPC')).toMatchObject({ attributes: { 'vividly.stage.name': 'validation' } })
    await provider.shutdown()
  })

  test('killed while the tracker is away: what it acknowledged arrives', async () => {
    tracker.mode = 503
    const told = Array.from({ length: 50 }, (_, index) => tellRequest(Date.now() + index))
    for (const { logs, traces } of told) {
      expect((await post('/v1/logs', logs)).status).toBe(200)
      expect((await post('/v1/traces', traces)).status).toBe(200)
    }
    await gateway.killAndRestart()
    const rest = tellRequest(Date.now() + 100)
    expect((await post('/v1/logs', rest.logs)).status).toBe(200)
    await gateway.killAndRestart()
    tracker.mode = 'ok'
    const missing = () => {
      const records = new Set(tracker.records.map(({ traceId }) => traceId))
      const spans = new Set(tracker.spans.map(({ traceId }) => traceId))
      return [...told.filter(({ traceId }) => !spans.has(traceId) || !records.has(traceId)), rest].filter(
        ({ traceId }) => !records.has(traceId),
      ).length
    }
    await tracker.waitFor('all that was acknowledged', () => missing() === 0, 30_000)
    expect(missing()).toBe(0)
  }, 90_000)
})

async function eventually<T>(look: () => Promise<T | undefined>, timeoutMs = 10_000): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadlineMs) throw new Error(`not seen within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
