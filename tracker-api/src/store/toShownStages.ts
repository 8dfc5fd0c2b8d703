import type { ReadingContext, StageDefinition } from './readingContext.ts'
import type { StageState } from './requestColumns.ts'

/** A stage as a reader expects it: one of its pipeline, begun or not, or one that the pipeline doesn't know. */
export type ShownStage = StageState & { definition: StageDefinition | undefined }

/** The stages of a request in the order to show them: of its pipeline, and behind them those it doesn't know. */
export function toShownStages(told: readonly StageState[], pipeline: string, { definitions }: ReadingContext): ShownStage[] {
  const left = new Map(told.map((stage) => [stage.name, stage]))
  const known = (definitions.get(pipeline) ?? []).map((definition): ShownStage => {
    const stage = left.get(definition.name)
    left.delete(definition.name)
    return { ...(stage ?? notBegun(definition.name)), order: definition.order, definition }
  })
  if (left.size === 0) return known
  return [...known, ...[...left.values()].map((stage) => ({ ...stage, definition: undefined }))].toSorted(byPlace)
}

const notBegun = (name: string): StageState => ({
  name,
  status: 'pending',
  order: 0,
  attempt: 1,
  startedMs: undefined,
  nextAttemptMs: undefined,
})

const byPlace = (a: ShownStage, b: ShownStage): number =>
  a.order - b.order || (a.startedMs ?? Infinity) - (b.startedMs ?? Infinity) || (a.name < b.name ? -1 : 1)
