import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import type { Identity } from '../identity.ts'
import {
  ATTR_MESSAGING_CONVERSATION_ID,
  ATTR_REQUEST_TOPIC,
  EVENT_REQUEST_CANCELLED,
  EVENT_REQUEST_COMPLETED,
  EVENT_REQUEST_CREATED,
  EVENT_REQUEST_FAILED,
  EVENT_REQUEST_STARTED,
} from '../semconv.ts'
import type { EventContent } from '../stages/stageEvents.ts'
import { toText } from '../toPlain.ts'
import { requestAttributes, resultAttributes } from './requestAttributes.ts'
import type { NewRequest, RequestResult } from './requestAttributes.ts'

export function requestCreatedEvent(identity: Identity, request: NewRequest): EventContent {
  const attributes = requestAttributes(request)
  const topic = attributes[ATTR_REQUEST_TOPIC]
  return {
    name: EVENT_REQUEST_CREATED,
    message: `request created${topic === undefined ? '' : `: ${toText(topic)}`}`,
    attributes: { ...attributes, [ATTR_MESSAGING_CONVERSATION_ID]: identity.correlationId },
  }
}

export function requestStartedEvent(): EventContent {
  return { name: EVENT_REQUEST_STARTED, message: 'request started', attributes: {} }
}

export function requestCompletedEvent(result: RequestResult): EventContent {
  return { name: EVENT_REQUEST_COMPLETED, message: 'request completed', attributes: resultAttributes(result) }
}

/** @param stage the one that made it fail: named on the record only, for a span with a stage name would be a stage. */
export function requestFailedEvent(error: unknown, stage: string | undefined): EventContent {
  return {
    name: EVENT_REQUEST_FAILED,
    message: `request failed${stage === undefined ? '' : ` in ${stage}`}: ${errorMessage(error)}`,
    severity: 'error',
    attributes: errorAttributes(error),
  }
}

export function requestCancelledEvent(reason: string | undefined): EventContent {
  return {
    name: EVENT_REQUEST_CANCELLED,
    message: `request cancelled${reason === undefined ? '' : `: ${reason}`}`,
    severity: 'warning',
    attributes: {},
  }
}
