import { DEFAULT_PIPELINE, DEFAULT_STAGES } from './semconv.ts'

/** A pipeline whose stages the compiler knows. What the tracker shows of them is defined in its database. */
export type Pipeline<Stage extends string = string> = {
  readonly name: string
  /** In their order. */
  readonly stages: readonly Stage[]
}

/**
 * Names a pipeline and its stages, so that a tracker of it takes no other stage:
 * `new RequestTracker({ pipeline: definePipeline('essay', ['draft', 'review']) })`. One named without its stages
 * takes any.
 */
export function definePipeline<const Stage extends string = string>(
  name: string,
  stages: readonly Stage[] = [],
): Pipeline<Stage> {
  return { name, stages }
}

/** The default pipeline, with its six stages. */
export const CONTENT_GENERATION = definePipeline(DEFAULT_PIPELINE, DEFAULT_STAGES)
