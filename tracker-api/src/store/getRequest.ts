import type { Pool } from './Pool.ts'
import { ofOrganization } from './ofOrganization.ts'
import { outsideLinksJson } from './OutsideLinks.ts'
import type { OutsideLinks } from './OutsideLinks.ts'
import { read } from './read.ts'
import { requestFields } from './requestJson.ts'
import { outlookAggregates, outlookFields, pacedStages } from './requestOutlook.ts'
import { dataWarnings } from './requestWarnings.ts'

/**
 * JSON text of the contract's `requestDetail`; undefined where no such request is known.
 * `spelling` is its correlation ID, trace ID or request ID; a text that is none of them finds nothing.
 */
export async function getRequest(pool: Pool, spelling: string, organization?: string, links: OutsideLinks = {}): Promise<string | undefined> {
  const row = await read<{ detail: string }>(
    pool,
    'reading a request',
    (sql) => sql`
      select json_build_object(
        ${requestFields(sql)}, ${outlookFields(sql)},
        'stages', p.stages, 'warnings', p.warnings::jsonb || ${dataWarnings(sql)}, 'links', ${outsideLinksJson(sql, links)},
        'stream_cursor', stream_cursor()
      )::text as detail
      from content_requests r
      cross join lateral (
        select
          coalesce(json_agg(
            json_build_object(
              'name', s.stage_name, 'order', s.stage_order, 'status', s.status,
              'started_at', iso_utc(s.started_at), 'completed_at', iso_utc(s.completed_at),
              'duration_seconds', round(s.duration_seconds, 3),
              'retry_count', s.retry_count, 'max_retries', s.max_retries,
              'error_message', s.error_message, 'error_details', s.error_details, 'output_data', s.output_data,
              'expected_duration_seconds', s.expected_duration_seconds,
              'next_attempt_at', case when s.status = 'failed' and r.outcome is null then iso_utc(s.next_attempt_at) end,
              'progress_ratio', case
                when jsonb_typeof(h.event_data -> 'vividly.stage.progress.ratio') = 'number'
                then least(1, greatest(0, (h.event_data ->> 'vividly.stage.progress.ratio')::numeric))
              end,
              'progress_message', h.event_data ->> 'vividly.stage.progress.message'
            )
            order by s.stage_order, s.started_at, s.stage_name
          ), '[]') as stages,
          coalesce(json_agg(
            case
              when not s.is_known then json_build_object(
                'code', 'unknown_stage',
                'message', format('The pipeline %s does not define the stage %s: it is shown behind the others and gives the request no status.', r.pipeline_name, s.stage_name)
              )
              when s.completed_at < s.started_at then json_build_object(
                'code', 'clock_skew',
                'message', format('The stage %s ended before it began: the clocks of its services differ, so it has no duration.', s.stage_name)
              )
            end
            order by s.stage_order, s.started_at, s.stage_name
          ) filter (where not s.is_known or s.completed_at < s.started_at), '[]') as warnings,
          ${outlookAggregates(sql)}
        from ${pacedStages(sql)} s
        left join request_events h
          on h.request_id = r.id and h.id = event_id_of('stage_heartbeat', s.stage_name, s.attempt, null, null)
      ) p
      where r.id = request_id_of(${spelling}) ${ofOrganization(sql, organization)}`,
  )
  return row?.detail
}
