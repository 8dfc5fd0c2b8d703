import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { startOtlpSink } from './testing/startOtlpSink.ts'
import type { OtlpSink } from './testing/startOtlpSink.ts'

const register = new URL('register.ts', import.meta.url).href
const app = (ending: string) => fileURLToPath(new URL(`testing/instrumentedApp.${ending}`, import.meta.url))

let sink: OtlpSink
beforeEach(async () => {
  sink = await startOtlpSink()
})
afterEach(() => sink.stop())

/** `node --import …/register app` until it ends by itself. */
async function run(ending: string, env: Record<string, string> = {}): Promise<void> {
  const child = spawn(process.execPath, ['--import', register, app(ending)], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: inject('testServerUrl'),
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_SERVICE_NAME: 'a-stranger',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
}

/** What stands under the stage's span: `http`, `fetch`, `pg`, `pino`. */
function seen(): string[] {
  const stage = sink.spans.find(({ name }) => name === 'validation')
  expect(stage?.resource).toMatchObject({ 'service.name': 'a-stranger' })
  const inside = sink.spans.filter(({ parentSpanId, traceId }) => parentSpanId === stage?.spanId && traceId === stage?.traceId)
  const urls = inside.map(({ attributes }) => attributes['url.full'])
  const called = (path: string) => urls.some((url) => typeof url === 'string' && url.endsWith(path))
  const found = [
    called('/by-http') && 'http',
    called('/by-fetch') && 'fetch',
    inside.some(({ attributes }) => attributes['db.system.name'] === 'postgresql') && 'pg',
    sink.records.some(({ message, spanId }) => message === 'looked it up' && spanId === stage?.spanId) && 'pino',
  ]
  return found.filter((name) => name !== false)
}

describe.each(['mjs', 'cjs'])('a service in .%s', (ending) => {
  test('is traced by its start alone: calls, queries and logs stand under their stage', async () => {
    await run(ending)
    expect(seen()).toEqual(['http', 'fetch', 'pg', 'pino'])
    const told = JSON.stringify([sink.spans, sink.records])
    // A statement's values, what is part of no request, and the telemetry's own posts.
    expect(['nobody’s business', '/health', '/v1/'].filter((text) => told.includes(text))).toEqual([])
  })
})

describe('each choice can be switched off', () => {
  test.each([
    ['http', ['fetch', 'pg', 'pino']],
    ['undici', ['http', 'pg', 'pino']],
    ['pg,pino', ['http', 'fetch']],
  ])('OTEL_NODE_DISABLED_INSTRUMENTATIONS=%s', async (disabled, rest) => {
    await run('mjs', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: disabled })
    expect(seen()).toEqual(rest)
  })

  test('OTEL_NODE_ENABLED_INSTRUMENTATIONS lists the only ones', async () => {
    await run('mjs', { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg' })
    expect(seen()).toEqual(['pg'])
  })

  test('OTEL_SDK_DISABLED turns all off', async () => {
    await run('mjs', { OTEL_SDK_DISABLED: 'true' })
    expect(sink.posts).toBe(0)
  })
})
