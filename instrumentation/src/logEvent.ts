import { trace } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { emitEvent } from './emitEvent.ts'
import type { Severity } from './emitEvent.ts'
import { ATTR_PIPELINE_NAME, ATTR_STAGE_ATTEMPT, ATTR_STAGE_NAME, VIVIDLY_NAMESPACE } from './semconv.ts'
import { stageIn } from './requestContext.ts'
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
export function logEvent(base: Context, pipeline: string, type: string, options: LogEventOptions): void {
  const { message, severity = 'info', stage, data } = options
  const running = stageIn(base, trace.getSpanContext(base)?.traceId)
  const name = stage ?? running?.name
  emitEvent({
    name: type.includes('.') ? type : VIVIDLY_NAMESPACE + type,
    message: toText(message) ?? type,
    severity,
    context: base,
    attributes: {
      ...toAttributes(data),
      [ATTR_PIPELINE_NAME]: pipeline,
      ...(name !== undefined && { [ATTR_STAGE_NAME]: name }),
      ...(running !== undefined && running.name === name && { [ATTR_STAGE_ATTEMPT]: running.attempt }),
    },
  })
}
