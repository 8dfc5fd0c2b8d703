import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { RequestTracker } from './RequestTracker.ts'
import { flushInstrumentation, startInstrumentation } from './startInstrumentation.ts'
import { instrumentForTest } from './testing/instrumentForTest.ts'
import type { TestInstrumentation } from './testing/instrumentForTest.ts'

let otel: TestInstrumentation | undefined
afterEach(async () => {
  await otel?.stop()
  otel = undefined
})

async function trackOne(started: TestInstrumentation): Promise<void> {
  const tracker = new RequestTracker()
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  await tracker.trackStage(id, 'validation', () => {})
  tracker.completeRequest(id)
  await started.flush()
}

describe('the environment', () => {
  it('beats the options, and fills in what neither says', async () => {
    otel = await instrumentForTest({
      serviceName: 'from-code',
      resourceAttributes: { 'deployment.environment.name': 'code', 'service.version': '1.2.3' },
      env: {
        OTEL_SERVICE_NAME: 'from-env',
        OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod-7,deployment.environment.name=test',
      },
    })
    await trackOne(otel)
    const { resource } = otel.sink.event('vividly.request.created')
    expect(resource).toMatchObject({
      'service.name': 'from-env',
      'service.version': '1.2.3',
      'service.instance.id': 'pod-7',
      'deployment.environment.name': 'test',
      'host.name': expect.stringMatching(/./),
    })
    expect(Object.keys(resource).filter((key) => /command|owner/.test(key))).toEqual([])
    expect(otel.sink.spans[0]?.resource).toEqual(resource)
  })

  it('switches all of it off', async () => {
    otel = await instrumentForTest({ env: { OTEL_SDK_DISABLED: 'true' } })
    await trackOne(otel)
    expect(otel.sink.posts).toBe(0)
    expect(otel.warnings).toEqual([])
  })

  it('switches single signals off', async () => {
    otel = await instrumentForTest({ env: { OTEL_TRACES_EXPORTER: 'none' } })
    await trackOne(otel)
    expect(otel.sink.spans).toEqual([])
    expect(otel.sink.records).toHaveLength(4)
  })

  it('samples the traces of others, never a tracked request', async () => {
    otel = await instrumentForTest({ env: { OTEL_TRACES_SAMPLER: 'always_off' } })
    trace.getTracer('host').startSpan('not ours').end()
    await trackOne(otel)
    expect(otel.sink.spans.map((span) => span.name).sort()).toEqual(['content_generation', 'validation'])
  })

  it('chooses protobuf and its own address for one signal', async () => {
    const types: (string | undefined)[] = []
    const server = createServer((request, response) => {
      types.push(`${request.url} ${request.headers['content-type']}`)
      request.resume().on('end', () => response.writeHead(200).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    otel = await instrumentForTest({
      env: {
        OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://127.0.0.1:${port}/v1/logs`,
      },
    })
    await trackOne(otel)
    server.close()
    expect(types).toEqual(['/v1/logs application/x-protobuf'])
    expect(otel.sink.spans).toHaveLength(2)
    expect(otel.sink.records).toEqual([])
  })
})

it('sends no metrics unless asked to', async () => {
  otel = await instrumentForTest()
  await trackOne(otel)
  await otel.shutdown()
  expect(otel.sink.posts).toBe(2)
})

describe('a wrong setting', () => {
  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'not an address'],
    ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'localhost:4318'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_BLRP_SCHEDULE_DELAY', 'soon'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-5'],
  ])('%s=%s is one warning, and the service runs on', async (name, value) => {
    otel = await instrumentForTest({ env: { [name]: value } })
    await trackOne(otel)
    expect(otel.warnings).toHaveLength(1)
    expect(otel.warnings[0]).toContain(name)
  })
})

it('can be flushed by who did not start it', async () => {
  await flushInstrumentation()
  otel = await instrumentForTest({ env: { OTEL_BLRP_SCHEDULE_DELAY: '60000', OTEL_BSP_SCHEDULE_DELAY: '60000' } })
  new RequestTracker().createRequest({ studentId: 's', topic: 't' })
  await flushInstrumentation()
  expect(otel.sink.records.map(({ eventName }) => eventName)).toEqual(['vividly.request.created'])
})

describe('a receiver that wants something else', () => {
  it.each([
    [401, 'it wants a token: OTEL_EXPORTER_OTLP_HEADERS='],
    [403, 'may not write'],
    [404, 'without /v1/logs'],
  ])('and answers %i leads to one warning that says what to do', async (status, hint) => {
    otel = await instrumentForTest({ mode: status, shutdownTimeoutMs: 200 })
    await trackOne(otel)
    await otel.flush()
    expect(otel.warnings).toHaveLength(1)
    expect(otel.warnings[0]).toContain(`answered ${status}; `)
    expect(otel.warnings[0]).toContain(hint)
  })
})

it('speaks on the console where the host listens to nothing, and says the same of both signals once', async () => {
  otel = await instrumentForTest()
  const worker = fileURLToPath(new URL('testing/finishElsewhere.ts', import.meta.url))
  const env = { ...process.env, OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' }
  const { stderr } = await promisify(execFile)(process.execPath, [worker, 'no-id'], { env, timeout: 20_000 })
  expect(stderr.match(/OTEL_EXPORTER_OTLP_COMPRESSION/g)).toHaveLength(1)
  expect(stderr.match(/"no-id" names no request/g)).toHaveLength(2)
})

it('called again, keeps to the first call', async () => {
  otel = await instrumentForTest()
  const again = startInstrumentation({ serviceName: 'another' })
  expect(otel.warnings).toHaveLength(1)
  await trackOne(otel)
  expect(otel.sink.event('vividly.request.created').resource['service.name']).toBe('test')
  await again.flush()
})

it('tells a host whose own provider ignores the request IDs, and sends no root with wrong ones', async () => {
  const { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } =
    await import('@opentelemetry/sdk-trace')
  const exporter = new InMemorySpanExporter()
  otel = await instrumentForTest()
  trace.disable()
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  )
  await trackOne(otel)
  await trackOne(otel)
  expect(exporter.getFinishedSpans().map((span) => span.name)).toEqual(['validation', 'validation'])
  expect(otel.warnings.filter((warning) => warning.includes('RequestIdGenerator'))).toHaveLength(2)
})
