import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import process from 'node:process'
import type { Attributes } from '@opentelemetry/api'
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { emitGap } from './delivery/emitGap.ts'
import { makeSender } from './delivery/makeSender.ts'
import { openSpool } from './delivery/openSpool.ts'
import { startDelivery } from './delivery/startDelivery.ts'
import { REAL_TIMING } from './delivery/Timing.ts'
import { flushAtExit } from './flushAtExit.ts'
import { identityOf, newCorrelationId } from './identity.ts'
import { later } from './Later.ts'
import { logLimits, otlpEncoding, spanLimits } from './otlpSettings.ts'
import { environment, environmentNumber } from './readEnvironment.ts'
import { RequestIdGenerator } from './RequestIdGenerator.ts'
import { ATTR_HOST_NAME, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from './semconv.ts'
import { tracer } from './scope.ts'
import { showWarnings } from './showWarnings.ts'
import { withIds } from './startingIds.ts'
import { TrackedSampler, samplerFromEnvironment } from './TrackedSampler.ts'
import { warn } from './warnOnce.ts'
import { withinDeadline } from './withinDeadline.ts'

/** Defaults for what the environment does not say. */
export type InstrumentationOptions = {
  /** Default for `OTEL_SERVICE_NAME`. */
  serviceName?: string
  /** Defaults for `OTEL_RESOURCE_ATTRIBUTES`, one by one. */
  resourceAttributes?: Attributes
  /** OpenTelemetry instrumentations of the libraries that the service uses. */
  instrumentations?: NodeSDKConfiguration['instrumentations']
  /**
   * How much of what the receiver has not got yet is kept in memory; beyond it the oldest diagnostics go first and
   * are told as gaps. `VIVIDLY_MAX_BUFFER_BYTES` beats it. Default 32 MiB.
   */
  maxBufferBytes?: number
  /**
   * A folder on a local disk, where the life cycle of requests is written ahead and what memory has no room for is
   * kept; the service's next process sends what one that died left there. `VIVIDLY_SPOOL_DIR` beats it. Default none.
   */
  spoolDir?: string
  /** `VIVIDLY_MAX_SPOOL_BYTES` beats it. Default 256 MiB. */
  maxSpoolBytes?: number
  /** Default 5000. */
  flushTimeoutMs?: number
  /** Default 10000. */
  shutdownTimeoutMs?: number
}

/** Neither call ever rejects or takes longer than its deadline. */
export type RunningInstrumentation = {
  /** Sends what has ended or happened so far. */
  flush(): Promise<void>
  /** Sends the rest and stops. To be awaited before the process exits, or up to a second of telemetry is lost. */
  shutdown(): Promise<void>
}

const DEFAULT_BUFFER_BYTES = 33_554_432
const DEFAULT_SPOOL_BYTES = 268_435_456

let running: RunningInstrumentation | undefined

/**
 * Sets up OpenTelemetry for this process: spans and log records go by OTLP over HTTP (JSON) to where the
 * standard `OTEL_*` variables say, by default to `http://localhost:4318`. To be called once, before anything
 * is traced. The environment beats the options; no metrics are sent unless `OTEL_METRICS_EXPORTER` asks for it.
 *
 * Never throws: with settings that can't work the service runs untracked, after one warning.
 */
export function startInstrumentation(options: InstrumentationOptions = {}): RunningInstrumentation {
  if (running !== undefined) {
    warn('startInstrumentation() was called again; the first call stays in force.')
    return running
  }
  try {
    running = showWarnings(() => start(options))
  } catch (error) {
    warn('telemetry is off, for it could not be set up. Check the OTEL_ variables.', error)
    running = { flush: async () => {}, shutdown: async () => stopped() }
  }
  return running
}

/**
 * Sends what has ended or happened so far, as {@link RunningInstrumentation.flush} does, where somebody else made the
 * set-up: a service that was started with `--import …/register`, handles SIGTERM and exits by itself, awaits this before.
 */
export async function flushInstrumentation(): Promise<void> {
  await running?.flush()
}

function start(options: InstrumentationOptions): RunningInstrumentation {
  const encodings = { logs: otlpEncoding('LOGS'), traces: otlpEncoding('TRACES') }
  const spool = spoolOf(options)
  const { delivery, spanProcessor, logRecordProcessor } = startDelivery({
    encodings: { logs: encodings.logs ?? 'http/json', traces: encodings.traces ?? 'http/json' },
    limits: { logs: logLimits(), traces: spanLimits() },
    sends: { logs: makeSender('logs'), traces: makeSender('traces') },
    maxBytes: environmentNumber('VIVIDLY_MAX_BUFFER_BYTES', options.maxBufferBytes ?? DEFAULT_BUFFER_BYTES),
    ...(spool !== undefined && { spool }),
    timing: REAL_TIMING,
    tell: emitGap,
  })
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({
        [ATTR_HOST_NAME]: hostname(),
        [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
        'process.pid': process.pid,
        ...options.resourceAttributes,
        ...(options.serviceName !== undefined && { [ATTR_SERVICE_NAME]: options.serviceName }),
      }),
    ),
    // The SDK's other detectors would tell the command line and the user, which are nobody's business.
    ...(environment('OTEL_NODE_RESOURCE_DETECTORS') === undefined && { resourceDetectors: [envDetector] }),
    ...(environment('OTEL_METRICS_EXPORTER') === undefined && { metricReaders: [] }),
    ...(encodings.traces !== undefined && { spanProcessors: [spanProcessor] }),
    ...(encodings.logs !== undefined && { logRecordProcessors: [logRecordProcessor] }),
    ...(options.instrumentations !== undefined && { instrumentations: options.instrumentations }),
    idGenerator: new RequestIdGenerator(),
    sampler: new TrackedSampler(samplerFromEnvironment()),
  })
  sdk.start()
  // Another provider, registered before ours, would give late spans other IDs than we told.
  if (takesGivenIds()) later.start()
  const flushTimeoutMs = options.flushTimeoutMs ?? 5000
  const shutdownTimeoutMs = options.shutdownTimeoutMs ?? 10_000
  const flush = (): Promise<void> =>
    withinDeadline('flushing telemetry', flushTimeoutMs, () => {
      later.drain()
      return delivery.flush()
    })
  const shutdown = async (): Promise<void> => {
    stopped()
    undoAtExit()
    await withinDeadline('shutting telemetry down', shutdownTimeoutMs, async () => {
      await delivery.close(shutdownTimeoutMs / 2)
      await sdk.shutdown()
    })
    delivery.abandon()
  }
  const undoAtExit = flushAtExit({ flush, shutdown })
  return { flush, shutdown }
}

/** Asks by a span that never ends, and so is never sent. */
function takesGivenIds(): boolean {
  const { traceId, rootSpanId: spanId } = identityOf(newCorrelationId(Date.now()))
  const given = withIds({ traceId, spanId }, () => tracer().startSpan('probe', { root: true })).spanContext()
  return given.traceId === traceId && given.spanId === spanId
}

function spoolOf(options: InstrumentationOptions): ReturnType<typeof openSpool> {
  const dir = environment('VIVIDLY_SPOOL_DIR') ?? options.spoolDir
  if (dir === undefined) return undefined
  const service = environment('OTEL_SERVICE_NAME') ?? options.serviceName ?? 'unknown_service'
  const maxBytes = environmentNumber('VIVIDLY_MAX_SPOOL_BYTES', options.maxSpoolBytes ?? DEFAULT_SPOOL_BYTES)
  return openSpool(dir, service, maxBytes)
}

function stopped(): void {
  running = undefined
  later.stop()
}
