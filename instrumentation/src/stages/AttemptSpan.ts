import { SpanStatusCode, isSpanContextValid, trace } from '@opentelemetry/api'
import type { Context, HrTime, Span } from '@opentelemetry/api'
import { errorAttributes, errorMessage } from '../errorAttributes.ts'
import { tracer } from '../scope.ts'
import { ATTR_STAGE_ATTEMPT } from '../semconv.ts'

/** One attempt of a stage, as a child of the stage's span. */
export class AttemptSpan {
  /** What the attempt's work runs in. */
  readonly context: Context
  readonly #span: Span

  constructor(stage: string, attempt: number, startTime: HrTime, parent: Context) {
    this.#span = tracer().startSpan(
      `${stage} attempt`,
      { startTime, attributes: { [ATTR_STAGE_ATTEMPT]: attempt } },
      parent,
    )
    this.context = isSpanContextValid(this.#span.spanContext()) ? trace.setSpan(parent, this.#span) : parent
  }

  end(time: HrTime, error?: unknown): void {
    if (error !== undefined) {
      this.#span.setAttributes(errorAttributes(error))
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) })
    }
    this.#span.end(time)
  }
}
