/**
 * The life cycle's events as plain data, as the SDK tells them: names, messages and attributes, without context, time
 * or sending. For whoever tells them on behalf of a service that has no OpenTelemetry.
 */
export { logEventContent } from './logEvent.ts'
export { errorAttributes, errorMessage } from './errorAttributes.ts'
export { eventTime } from './eventClock.ts'
export {
  requestCancelledEvent,
  requestCompletedEvent,
  requestCreatedEvent,
  requestFailedEvent,
  requestStartedEvent,
} from './requests/requestEvents.ts'
export {
  completedEvent,
  failedEvent,
  heartbeatEvent,
  retryEvent,
  skippedEvent,
  stageAttributes,
  startedEvent,
} from './stages/stageEvents.ts'
export type { EventContent, StageRun } from './stages/stageEvents.ts'
