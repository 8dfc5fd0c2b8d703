import {
  errorMessage, logEventContent, requestCancelledEvent, requestCompletedEvent, requestCreatedEvent, requestFailedEvent,
  requestStartedEvent,
} from '@vividly/instrumentation/events'
import type { EventContent } from '@vividly/instrumentation/events'
import {
  ATTR_MESSAGING_CONVERSATION_ID, ATTR_PIPELINE_NAME, ATTR_REQUEST_STATUS, ATTR_STAGE_NAME,
} from '@vividly/instrumentation/semconv'
import type { RequestOutcome } from '@vividly/instrumentation/semconv'
import type { z } from 'zod'
import type { StageRun } from '../../store/findStageRun.ts'
import type {
  newEvent, newRequest, requestCancellation, requestCompletion, requestFailure,
} from '../../trackingContract.ts'
import { stageSpanIdOf } from './spanIds.ts'
import type { Telling } from './Telling.ts'
import { toThrown } from './toThrown.ts'

export function tellCreated(telling: Telling, body: z.infer<typeof newRequest>): void {
  const { student_id, student_name, organization_id, topic, learning_objective } = body
  telling.event(
    requestCreatedEvent(telling.identity, {
      studentId: student_id,
      topic,
      ...(student_name !== undefined && { studentName: student_name }),
      ...(organization_id !== undefined && { organizationId: organization_id }),
      ...(learning_objective !== undefined && { learningObjective: learning_objective }),
    }),
  )
}

export function tellStarted(telling: Telling): void {
  telling.event(requestStartedEvent())
}

export function tellCompleted(telling: Telling, body: z.infer<typeof requestCompletion>): void {
  const { video_url, thumbnail_url, script_text } = body
  const event = requestCompletedEvent({
    ...(video_url !== undefined && { videoUrl: video_url }),
    ...(thumbnail_url !== undefined && { thumbnailUrl: thumbnail_url }),
    ...(script_text !== undefined && { scriptText: script_text }),
  })
  telling.event(event)
  tellRoot(telling, 'completed', event)
}

export function tellFailed(telling: Telling, { error, stage }: z.infer<typeof requestFailure>): void {
  const thrown = toThrown(error)
  const event = requestFailedEvent(thrown, stage)
  telling.event(stage === undefined ? event : { ...event, attributes: { ...event.attributes, [ATTR_STAGE_NAME]: stage } })
  tellRoot(telling, 'failed', event, errorMessage(thrown))
}

export function tellCancelled(telling: Telling, { reason }: z.infer<typeof requestCancellation>): void {
  const event = requestCancelledEvent(reason)
  telling.event(event)
  tellRoot(telling, 'cancelled', event)
}

/** @param run of the stage that it names, where that is known. */
export function tellEvent(telling: Telling, body: z.infer<typeof newEvent>, run: StageRun | undefined): void {
  const { type, message, severity, stage, data } = body
  const options = {
    ...(message !== undefined && { message }),
    ...(severity !== undefined && { severity }),
    ...(data !== undefined && { data: data as Record<string, unknown> }),
  }
  const content = logEventContent(type, options, { pipeline: telling.pipeline, stage, attempt: run?.attempt })
  telling.event(content, stage === undefined ? undefined : stageSpanIdOf(telling.identity, stage))
}

/** The root span, whole, from the time that the ID holds: told by whoever ends the request. */
function tellRoot(telling: Telling, outcome: RequestOutcome, { attributes }: EventContent, message?: string): void {
  const { rootSpanId, correlationId, createdAtMs = 0 } = telling.identity
  telling.span({
    name: telling.pipeline,
    spanId: rootSpanId,
    parentSpanId: '',
    startUs: createdAtMs * 1000,
    attributes: {
      ...attributes,
      [ATTR_PIPELINE_NAME]: telling.pipeline,
      [ATTR_REQUEST_STATUS]: outcome,
      [ATTR_MESSAGING_CONVERSATION_ID]: correlationId,
    },
    errorMessage: message,
  })
}
