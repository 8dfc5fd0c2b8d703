import type { RequestRow } from '../contract.ts'
import type { ReadingContext } from './readingContext.ts'
import { toStageState } from './requestColumns.ts'
import type { RequestColumns, StageTuple } from './requestColumns.ts'
import { toRequestFields } from './toRequestFields.ts'
import { toShownStages } from './toShownStages.ts'
import { withRaw } from './withRaw.ts'

export type RowColumns = RequestColumns & {
  /** As `stageStates` gives it. */
  stages: string | null
}

function toFields(r: RowColumns, context: ReadingContext): Omit<RequestRow, 'error_details'> {
  const told = r.stages === null ? [] : (JSON.parse(r.stages) as StageTuple[]).map(toStageState)
  const stages = toShownStages(told, r.pipeline_name, context)
  return { ...toRequestFields(r, stages, context), stages: stages.map(({ name, status }) => ({ name, status })) }
}

/** The contract's `requestRow`. */
export const toRequestRow = (r: RowColumns, context: ReadingContext): RequestRow => ({
  ...toFields(r, context),
  error_details: r.error_details === null ? null : (JSON.parse(r.error_details) as unknown),
})

/** The same as JSON text; an error's details are the text that is stored, with every digit. */
export const toRequestRowJson = (r: RowColumns, context: ReadingContext): string =>
  withRaw(toFields(r, context), { error_details: r.error_details })
