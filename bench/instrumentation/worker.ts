/** One measurement in a process of its own, for each sets up OpenTelemetry anew. Prints a line of JSON. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SeverityNumber, context, logs, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'

const [mode = '', count = '0'] = process.argv.slice(2)
const STAGES = Number(count)
/** Stages between two pauses, in which what was queued is sent: the bare SDK drops what comes faster. */
const BURST = 10

const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

async function inBursts(stage: (index: number) => void | Promise<void>): Promise<number> {
  const since = process.cpuUsage()
  for (let index = 0; index < STAGES; index += 1) {
    await stage(index)
    if (index % BURST === 0) await sleep(20)
  }
  await sleep(6000)
  return (cpuMs(since) * 1000) / STAGES
}

async function bare(): Promise<unknown> {
  const sdk = new NodeSDK({
    serviceName: 'bench',
    metricReaders: [],
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  })
  sdk.start()
  const tracer = trace.getTracer('bench')
  const logger = logs.getLogger('bench')
  const told = { 'vividly.pipeline.name': 'content_generation', 'vividly.stage.name': 'validation', 'vividly.stage.attempt': 1 }
  const emit = (eventName: string) => logger.emit({ eventName, severityNumber: SeverityNumber.INFO, body: eventName, attributes: told })
  const microseconds = await inBursts(() => {
    const span = tracer.startSpan('validation', { attributes: told })
    context.with(trace.setSpan(context.active(), span), () => {
      for (const name of ['started', 'api_call', 'cache_hit', 'completed']) emit(`vividly.stage.${name}`)
      tracer.startSpan('call').end()
    })
    span.end()
  })
  return { microseconds }
}

async function tracked(): Promise<unknown> {
  startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const tracer = trace.getTracer('bench')
  const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
  const microseconds = await inBursts(() =>
    tracker.trackStage(correlationId, 'validation', (stage) => {
      stage.log('api_call')
      stage.log('cache_hit')
      tracer.startSpan('call').end()
    }),
  )
  return { microseconds }
}

/** Time of one call, as its caller feels it. */
async function callerPath(): Promise<unknown> {
  startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
  const tookUs: number[] = []
  const timed = (call: () => void) => {
    const startedAt = performance.now()
    call()
    tookUs.push((performance.now() - startedAt) * 1000)
  }
  for (let index = 0; index < STAGES; index += 1) {
    timed(() => tracker.startStage(correlationId, 'validation'))
    timed(() => tracker.logEvent(correlationId, 'api_call', { stage: 'validation' }))
    timed(() => tracker.completeStage(correlationId, 'validation', { ok: true }))
    if (index % BURST === 0) await sleep(20)
  }
  tookUs.sort((one, other) => one - other)
  const at = (share: number) => tookUs[Math.floor(tookUs.length * share)]
  return { p50: at(0.5), p99: at(0.99) }
}

/** As many stages at once for half a minute, with signs of life or without. */
async function concurrent(heartbeatIntervalMs: number): Promise<unknown> {
  startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const ending = Promise.withResolvers<void>()
  for (let index = 0; index < STAGES; index += 1) {
    const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
    void tracker.trackStage(correlationId, 'video_generation', () => ending.promise, { heartbeatIntervalMs })
  }
  await sleep(12_000)
  global.gc?.()
  const since = process.cpuUsage()
  await sleep(20_000)
  const coreShare = cpuMs(since) / 20_000
  global.gc?.()
  return { coreShare, mebibytes: process.memoryUsage().rss / 2 ** 20 }
}

const measurements: Record<string, () => Promise<unknown>> = {
  bare,
  tracked,
  callerPath,
  beating: () => concurrent(10_000),
  silent: () => concurrent(0),
}
const result = await measurements[mode]?.()
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
