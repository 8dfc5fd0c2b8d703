import type { RequestRow } from '../contract.ts'
import type { ReadingContext } from './readingContext.ts'
import type { RequestColumns } from './requestColumns.ts'
import { toIsoUtc, toMs } from './timeText.ts'
import { toOutlook } from './toOutlook.ts'
import type { ShownStage } from './toShownStages.ts'

/** What a list and the detail of a request have in common; its error's details stay the text they are. */
export type SharedFields = Omit<RequestRow, 'stages' | 'error_details'>

export function toRequestFields(r: RequestColumns, stages: readonly ShownStage[], context: ReadingContext): SharedFields {
  const createdMs = toMs(r.created_at)
  const ends = [r.completed_at, r.failed_at, r.cancelled_at].filter((end) => end !== null)
  const endedMs = ends.length === 0 ? undefined : Math.min(...ends.map(toMs))
  const outlook = toOutlook(
    { status: r.status, outcome: r.outcome, currentStage: r.current_stage, createdMs, endedMs, wasHeard: r.was_heard },
    stages,
    context,
  )
  return {
    id: r.id,
    correlation_id: r.correlation_id,
    trace_id: r.trace_id,
    pipeline_name: r.pipeline_name,
    organization_id: r.organization_id,
    student_id: r.student_id,
    student_name: r.student_name,
    topic: r.topic,
    learning_objective: r.learning_objective,
    status: r.status,
    current_stage: r.current_stage,
    progress_percentage: r.progress_percentage,
    created_at: toIsoUtc(r.created_at),
    started_at: r.started_at && toIsoUtc(r.started_at),
    completed_at: r.completed_at && toIsoUtc(r.completed_at),
    failed_at: r.failed_at && toIsoUtc(r.failed_at),
    cancelled_at: r.cancelled_at && toIsoUtc(r.cancelled_at),
    video_url: r.video_url,
    script_text: r.script_text,
    thumbnail_url: r.thumbnail_url,
    error_message: r.error_message,
    error_stage: r.error_stage,
    retry_count: r.retry_count,
    total_duration_seconds: r.total_duration_seconds,
    elapsed_seconds: r.total_duration_seconds ?? Math.round(Math.max(0, context.nowMs - createdMs)) / 1000,
    ...outlook,
    version: r.version,
  }
}
