import process from 'node:process'
import { ProxyTracerProvider, trace } from '@opentelemetry/api'
import { environment } from './readEnvironment.ts'

let isChecked = false

/**
 * Says once, by a warning of Node's, that this process sends nothing: who forgot the set-up would else look for
 * requests that never come, and `diag` has no listener then. Silent with `OTEL_SDK_DISABLED=true`, as in tests.
 */
export function warnUnlessSetUp(): void {
  if (isChecked) return
  isChecked = true
  if (isSetUp() || environment('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return
  process.emitWarning('Requests are not tracked: OpenTelemetry is not set up in this process.', {
    type: 'VividlyWarning',
    code: 'VIVIDLY_NOT_SET_UP',
    detail:
      'Start it with node --import @vividly/instrumentation/register, or call startInstrumentation() before the first ' +
      'request. If that is meant, set OTEL_SDK_DISABLED=true.',
  })
}

function isSetUp(): boolean {
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('vividly') !== undefined
}
