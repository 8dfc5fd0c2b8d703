import type postgres from 'postgres'
import { outlookAggregates, outlookFields, pacedStages } from './requestOutlook.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/**
 * Pairs for `json_build_object` with the fields that a request has in a list and in detail, from
 * `content_requests r`: the contract's `requestFields`, but for those of {@link outlookFields}.
 */
export function requestFields(sql: postgres.Sql): Fragment {
  return sql`
    'id', r.id, 'correlation_id', r.correlation_id, 'trace_id', r.trace_id, 'pipeline_name', r.pipeline_name,
    'organization_id', r.organization_id, 'student_id', r.student_id, 'student_name', (
      -- A lookup for each row shown; a join may read all students.
      select t.full_name from students t
      where t.organization_id = coalesce(r.organization_id, '') and t.student_id = r.student_id
    ),
    'topic', r.topic, 'learning_objective', r.learning_objective,
    'status', r.status, 'current_stage', r.current_stage, 'progress_percentage', r.progress_percentage,
    'created_at', iso_utc(r.created_at), 'started_at', iso_utc(r.started_at), 'completed_at', iso_utc(r.completed_at),
    'failed_at', iso_utc(r.failed_at), 'cancelled_at', iso_utc(r.cancelled_at),
    'video_url', r.video_url, 'script_text', r.script_text, 'thumbnail_url', r.thumbnail_url,
    'error_message', r.error_message, 'error_stage', r.error_stage, 'error_details', r.error_details,
    'retry_count', r.retry_count, 'total_duration_seconds', round(r.total_duration_seconds, 3),
    'elapsed_seconds', round(coalesce(
      r.total_duration_seconds, extract(epoch from greatest(now() - r.created_at, interval '0'))
    ), 3),
    'version', r.version`
}

/** A request as the contract's `requestRow`, from `content_requests r`. */
export function requestRowJson(sql: postgres.Sql): Fragment {
  return sql`
    (
      select json_build_object(${requestFields(sql)}, ${outlookFields(sql)}, 'stages', p.stages)
      from (
        select
          coalesce(
            json_agg(
              json_build_object('name', s.stage_name, 'status', s.status)
              order by s.stage_order, s.started_at, s.stage_name
            ),
            '[]'
          ) as stages,
          ${outlookAggregates(sql)}
        from ${pacedStages(sql)} s
      ) p
    )`
}
