import { context } from '@opentelemetry/api'
import { emitEvent } from './emitEvent.ts'
import type { Severity } from './emitEvent.ts'
import type { Identity } from './identity.ts'
import { ATTR_PIPELINE_NAME, ATTR_STAGE_ATTEMPT, ATTR_STAGE_NAME, VIVIDLY_NAMESPACE } from './semconv.ts'
import { currentContext, stageIn } from './requestContext.ts'
import type { OpenStage } from './stages/OpenStage.ts'
import type { EventContent } from './stages/stageEvents.ts'
import { toAttributes, toText } from './toPlain.ts'

/** What an event says beside its type. */
export type LogEventOptions = {
  /** What a person reads in the timeline; default the type. */
  message?: string
  severity?: Severity
  /** Default the stage whose `trackStage` callback is running, if one is. */
  stage?: string
  /** Becomes the event's attributes, key by key. */
  data?: Record<string, unknown>
}

/** @param type `api_call`, or with a namespace of its own: `billing.charged`. Without one it gets `vividly.` */
export function logEvent(
  identity: Identity,
  pipeline: string,
  type: string,
  { open, ...options }: LogEventOptions & { open?: OpenStage | undefined },
): void {
  const active = context.active()
  const running = open === undefined ? stageIn(active, identity.traceId) : { name: open.name, attempt: open.attempt }
  const stage = options.stage ?? running?.name
  const attempt = running?.name === stage ? running?.attempt : undefined
  emitEvent({
    ...logEventContent(type, options, { pipeline, stage, attempt }),
    context: open?.lateContext ?? (() => currentContext(identity, active)),
  })
}

/** @param within the stage that it is said in, if any, and the attempt of that, where it is known. */
export function logEventContent(
  type: string,
  { message, severity = 'info', data }: LogEventOptions,
  within: { pipeline: string; stage: string | undefined; attempt: number | undefined },
): EventContent {
  const { pipeline, stage, attempt } = within
  return {
    name: type.includes('.') ? type : VIVIDLY_NAMESPACE + type,
    message: toText(message) ?? type,
    severity,
    attributes: {
      ...toAttributes(data),
      [ATTR_PIPELINE_NAME]: pipeline,
      ...(stage !== undefined && { [ATTR_STAGE_NAME]: stage }),
      ...(attempt !== undefined && { [ATTR_STAGE_ATTEMPT]: attempt }),
    },
  }
}
