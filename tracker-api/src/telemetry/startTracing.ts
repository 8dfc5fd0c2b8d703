import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'

/** Where the tracker's own spans go is asked for by any of these. Without them it makes none. */
const ASKS = ['OTEL_TRACES_EXPORTER', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const

/**
 * The tracker's own traces, steered by OpenTelemetry's standard variables. They are no requests of a pipeline: sent to
 * a tracker they are taken and not kept.
 * @returns sends the rest and stops, within two seconds
 */
export function startTracing(env: Readonly<Record<string, string | undefined>>): () => Promise<void> {
  if (!ASKS.some((name) => env[name]?.trim())) return async () => {}
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? 'vividly-tracker' }),
    ),
    // The SDK's other detectors would tell the command line and the user.
    resourceDetectors: [envDetector],
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  return async () => {
    await Promise.race([sdk.shutdown(), new Promise((resolve) => setTimeout(resolve, 2_000).unref())])
  }
}
