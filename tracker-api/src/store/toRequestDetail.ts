import type { RequestDetail, StageDetail } from '../contract.ts'
import type { ReadingContext } from './readingContext.ts'
import { toStageState } from './requestColumns.ts'
import type { RequestColumns, StageTuple } from './requestColumns.ts'
import { toIsoUtc } from './timeText.ts'
import { toRequestFields } from './toRequestFields.ts'
import { toShownStages } from './toShownStages.ts'
import type { ShownStage } from './toShownStages.ts'
import { withRaw } from './withRaw.ts'

type Warning = RequestDetail['warnings'][number]
/** What of a stage only the detail shows; times as Postgres writes them, JSON as text. */
type ToldOfStage = Omit<StageDetail, 'name' | 'order' | 'status' | 'error_details' | 'output_data' | 'expected_duration_seconds'> & {
  error_details: string | null
  output_data: string | null
}

export type DetailColumns = RequestColumns & {
  /** JSON text: {@link StageTuple} and what more was told; null for none. */
  stages: string | null
  /** JSON text. */
  warnings: string
  links: string
  stream_cursor: string
}

const notBegun: ToldOfStage = {
  started_at: null, completed_at: null, duration_seconds: null, retry_count: 0, max_retries: 0, error_message: null,
  error_details: null, output_data: null, next_attempt_at: null, progress_ratio: null, progress_message: null,
}

/** The contract's `requestDetail` as JSON text. */
export function toRequestDetailJson(row: DetailColumns, context: ReadingContext): string {
  const tuples = row.stages === null ? [] : (JSON.parse(row.stages) as [StageTuple, ToldOfStage][])
  const told = new Map(tuples.map(([[name], of]) => [name, of]))
  const stages = toShownStages(tuples.map(([tuple]) => toStageState(tuple)), row.pipeline_name, context)
  const warnings = [
    ...stages.flatMap((stage) => warningOf(stage, told.get(stage.name), row.pipeline_name)),
    ...(JSON.parse(row.warnings) as Warning[]),
  ]
  return withRaw(toRequestFields(row, stages, context), {
    error_details: row.error_details,
    stages: `[${stages.map((stage) => stageJson(stage, told.get(stage.name))).join(',')}]`,
    warnings: JSON.stringify(warnings),
    links: row.links,
    stream_cursor: JSON.stringify(row.stream_cursor),
  })
}

function stageJson({ name, order, status, definition }: ShownStage, told = notBegun): string {
  const { error_details, output_data, ...rest } = told
  const fields = {
    name, order, status, ...rest,
    started_at: told.started_at && toIsoUtc(told.started_at),
    completed_at: told.completed_at && toIsoUtc(told.completed_at),
    next_attempt_at: told.next_attempt_at && toIsoUtc(told.next_attempt_at),
    max_retries: told === notBegun ? (definition?.maxRetries ?? 0) : told.max_retries,
    expected_duration_seconds: definition?.expectedSeconds ?? null,
  }
  return withRaw(fields, { error_details, output_data })
}

function warningOf({ name, definition }: ShownStage, told: ToldOfStage | undefined, pipeline: string): Warning[] {
  if (definition === undefined) {
    const message = `The pipeline ${pipeline} does not define the stage ${name}: it is shown behind the others and gives the request no status.`
    return [{ code: 'unknown_stage', message }]
  }
  // As text they are in the order of time.
  if (!told?.started_at || !told.completed_at || told.completed_at >= told.started_at) return []
  const message = `The stage ${name} ended before it began: the clocks of its services differ, so it has no duration.`
  return [{ code: 'clock_skew', message }]
}
