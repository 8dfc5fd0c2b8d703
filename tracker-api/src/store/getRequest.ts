import type { Pool } from './Pool.ts'
import { ofOrganization } from './ofOrganization.ts'
import { outsideLinksJson } from './OutsideLinks.ts'
import type { OutsideLinks } from './OutsideLinks.ts'
import { read } from './read.ts'
import { readingContext, toReadingContext } from './readingContext.ts'
import { requestColumns } from './requestColumns.ts'
import { dataWarnings } from './requestWarnings.ts'
import { toRequestDetailJson } from './toRequestDetail.ts'
import type { DetailColumns } from './toRequestDetail.ts'

/**
 * JSON text of the contract's `requestDetail`; undefined where no such request is known.
 * `spelling` is its correlation ID, trace ID or request ID; a text that is none of them finds nothing.
 */
export async function getRequest(pool: Pool, spelling: string, organization?: string, links: OutsideLinks = {}): Promise<string | undefined> {
  const row = await read<DetailColumns & { context: string }>(
    pool,
    'reading a request',
    (sql) => sql`
      select ${requestColumns(sql)}, ${readingContext(sql, sql`d.pipeline_name = r.pipeline_name`)} as context,
        stream_cursor() as stream_cursor, ${dataWarnings(sql)}::text as warnings,
        ${outsideLinksJson(sql, links)}::text as links, (
          select json_agg(json_build_array(
            json_build_array(s.stage_name, s.status, s.stage_order, s.attempt, s.started_at, s.next_attempt_at),
            json_build_object(
              'started_at', s.started_at::text, 'completed_at', s.completed_at::text,
              'duration_seconds', round(s.duration_seconds, 3), 'retry_count', s.retry_count, 'max_retries', s.max_retries,
              'error_message', s.error_message, 'error_details', s.error_details::text, 'output_data', s.output_data::text,
              'next_attempt_at', case when s.status = 'failed' and r.outcome is null then s.next_attempt_at::text end,
              'progress_ratio', case
                when jsonb_typeof(h.event_data -> 'vividly.stage.progress.ratio') = 'number'
                then least(1, greatest(0, (h.event_data ->> 'vividly.stage.progress.ratio')::numeric))
              end,
              'progress_message', h.event_data ->> 'vividly.stage.progress.message'
            )
          ))
          from request_stages s
          left join request_events h
            on h.request_id = r.id and h.id = event_id_of('stage_heartbeat', s.stage_name, s.attempt, null, null)
          where s.request_id = r.id
        )::text as stages
      from content_requests r
      where r.id = request_id_of(${spelling}) ${ofOrganization(sql, organization)}`,
  )
  return row && toRequestDetailJson(row, toReadingContext(row.context))
}
