export { startInstrumentation } from './startInstrumentation.ts'
export type { InstrumentationOptions, RunningInstrumentation } from './startInstrumentation.ts'

export { RequestTracker } from './RequestTracker.ts'
export type { CreatedRequest, RequestTrackerOptions } from './RequestTracker.ts'
export type { NewRequest, RequestResult } from './requestAttributes.ts'
export type { StageOptions } from './StageLifecycle.ts'
export type { TrackedStage } from './TrackedStage.ts'
export type { Retry } from './stageEvents.ts'
export type { LogEventOptions } from './logEvent.ts'
export type { Severity } from './emitEvent.ts'
export type { RequestStatus } from './fetchRequestStatus.ts'

export { observeCircuitBreaker } from './observeCircuitBreaker.ts'
export type {
  CircuitBreakerCounts,
  CircuitBreakerObserver,
  CircuitBreakerOptions,
} from './observeCircuitBreaker.ts'
export { observeCockatielBreaker } from './observeCockatielBreaker.ts'
export type {
  CockatielBreaker,
  CockatielBreakerOptions,
  CockatielObserver,
} from './observeCockatielBreaker.ts'

export {
  correlationIdOf,
  newCorrelationId,
  parseIdentity,
  requestIdOf,
  rootSpanIdOf,
  traceIdOf,
  traceparentOf,
} from './identity.ts'
export type { Identity } from './identity.ts'

// For a host that sets up OpenTelemetry itself.
export { RequestIdGenerator } from './RequestIdGenerator.ts'
export { TrackedSampler } from './TrackedSampler.ts'
