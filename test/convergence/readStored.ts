import type postgres from 'postgres'
import type { ModelRequest } from './referenceModel.ts'

/** What the tracker stored of requests, in the model's shape; times in microseconds. */
export async function readStored(sql: postgres.Sql, traceIds: readonly string[]): Promise<ModelRequest[]> {
  const rows = await sql<{ stored: ModelRequest }[]>`
    select jsonb_build_object(
      'id', r.id, 'trace_id', r.trace_id, 'status', r.status, 'current_stage', r.current_stage, 'progress', r.progress_percentage,
      'created_at', epoch_us(r.created_at), 'started_at', epoch_us(r.started_at),
      'ended_at', epoch_us(coalesce(r.completed_at, r.failed_at, r.cancelled_at)),
      'retry_count', r.retry_count, 'error_message', r.error_message, 'error_stage', r.error_stage,
      'topic', r.topic, 'organization', r.organization_id, 'student', r.student_id, 'video_url', r.video_url,
      'stages', coalesce((
        select jsonb_agg(jsonb_build_object(
          'name', s.stage_name, 'order', s.stage_order, 'status', s.status, 'attempt', s.attempt,
          'started_at', epoch_us(s.started_at), 'completed_at', epoch_us(s.completed_at), 'error_message', s.error_message,
          'output', replace(s.output_data::text, ' ', ''), 'next_attempt_at', epoch_us(s.next_attempt_at),
          'max_retries', s.max_retries, 'worker', s.worker_service || '/' || s.worker_instance
        ) order by s.stage_order, s.stage_name)
        from request_stages s where s.request_id = r.id
      ), '[]'),
      'events', coalesce((
        select jsonb_agg(concat_ws('/', e.event_type, e.stage_name, e.attempt) || ' ' || epoch_us(e.created_at)
          order by (concat_ws('/', e.event_type, e.stage_name, e.attempt) || ' ' || epoch_us(e.created_at)) collate "C")
        from request_events e where e.request_id = r.id
      ), '[]'),
      'spans', (select count(*) from request_spans p where p.request_id = r.id)
    ) as stored
    from content_requests r
    where r.trace_id = any (${[...traceIds]})`
  return rows.map(({ stored }) => stored)
}
