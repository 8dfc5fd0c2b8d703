import { trace } from '@opentelemetry/api'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import type { Workload } from './Workload.ts'

/** Ours, as the integration guide sets it up. */
export function startTracked(): Workload {
  startInstrumentation({ serviceName: 'bench' })
  const tracker = new RequestTracker()
  const tracer = trace.getTracer('bench')
  const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
  return {
    stage: () =>
      tracker.trackStage(id, 'validation', (stage) => {
        stage.log('api_call')
        stage.log('cache_hit')
        tracer.startSpan('call').end()
      }),
    calls: [
      () => tracker.startStage(id, 'validation'),
      () => tracker.logEvent(id, 'api_call', { stage: 'validation' }),
      () => tracker.completeStage(id, 'validation'),
    ],
  }
}
