import { SpanStatusCode, isSpanContextValid, trace } from '@opentelemetry/api'
import type { Context, HrTime, Span } from '@opentelemetry/api'
import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import type { Identity } from '../identity.ts'
import { startLate } from '../LateSpan.ts'
import { later } from '../Later.ts'
import { tracer } from '../scope.ts'
import { ATTR_STAGE_ATTEMPT } from '../semconv.ts'
import type { StageRun } from './stageEvents.ts'

/** One attempt of a stage, as a child of the stage's span. */
export class AttemptSpan {
  /** What the attempt's work runs in. */
  readonly context: Context
  readonly #span: Span

  constructor(identity: Identity, { stage, attempt }: StageRun, startTime: HrTime, parent: Context) {
    this.#span = startLate(identity, parent, () =>
      tracer().startSpan(`${stage} attempt`, { startTime, attributes: { [ATTR_STAGE_ATTEMPT]: attempt } }, parent),
    )
    this.context = isSpanContextValid(this.#span.spanContext()) ? trace.setSpan(parent, this.#span) : parent
  }

  end(time: HrTime, error?: unknown): void {
    const failure = error === undefined ? undefined : { attributes: errorAttributes(error), message: errorMessage(error) }
    later.run(() => {
      if (failure !== undefined) {
        this.#span.setAttributes(failure.attributes)
        this.#span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message })
      }
      this.#span.end(time)
    })
  }
}
