export { flushInstrumentation, startInstrumentation } from './startInstrumentation.ts'
export type { InstrumentationOptions, RunningInstrumentation } from './startInstrumentation.ts'

export { RequestTracker } from './RequestTracker.ts'
export type { CreatedRequest, RequestTrackerOptions } from './RequestTracker.ts'
export { CONTENT_GENERATION, definePipeline } from './definePipeline.ts'
export type { Pipeline } from './definePipeline.ts'
export type { NewRequest, RequestResult } from './requests/requestAttributes.ts'
export type { OpenStageOptions, StageOptions, TrackStageOptions } from './stages/StageOptions.ts'
export type { RetryOptions } from './retry/RetryOptions.ts'
export type { TrackedStage } from './stages/TrackedStage.ts'
export type { Retry } from './stages/stageEvents.ts'
export type { LogEventOptions } from './logEvent.ts'
export type { Severity } from './emitEvent.ts'
export type { RequestStatus } from './fetchRequestStatus.ts'

export { observeCircuitBreaker } from './breakers/observeCircuitBreaker.ts'
export type {
  CircuitBreakerCounts,
  CircuitBreakerObserver,
  CircuitBreakerOptions,
} from './breakers/observeCircuitBreaker.ts'
export { observeCockatielBreaker } from './breakers/observeCockatielBreaker.ts'
export type {
  CockatielBreaker,
  CockatielBreakerOptions,
  CockatielObserver,
} from './breakers/observeCockatielBreaker.ts'
export { observeOpossumBreaker } from './breakers/observeOpossumBreaker.ts'
export type {
  OpossumBreaker,
  OpossumBreakerOptions,
  OpossumObserver,
} from './breakers/observeOpossumBreaker.ts'

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

export {
  HEADER_CORRELATION_ID,
  VARIABLE_CORRELATION_ID,
  VARIABLE_TRACEPARENT,
  contextOf,
  environmentOf,
  headersOf,
  requestFromEnvironment,
  requestOf,
} from './propagation/carriers.ts'
export type { Carrier } from './propagation/carriers.ts'
export { jobData, runJob } from './propagation/jobs.ts'
export type { Job, JobData } from './propagation/jobs.ts'

// For a host that sets up OpenTelemetry itself.
export { RequestIdGenerator } from './RequestIdGenerator.ts'
export { TrackedSampler } from './TrackedSampler.ts'
