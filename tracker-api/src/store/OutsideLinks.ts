import type postgres from 'postgres'

/**
 * What may stand in braces in an address; `fromMs` and `toMs` are Unix milliseconds: from five minutes before the request
 * until five after its end, or a day after its creation while it goes on.
 */
export const PLACEHOLDERS = ['traceId', 'correlationId', 'requestId', 'fromMs', 'toMs'] as const

/** Addresses of a request's trace and logs in other systems, such as `https://jaeger.example.org/trace/{traceId}`. */
export type OutsideLinks = { trace?: string | undefined; logs?: string | undefined }

/**
 * The contract's `links` of `content_requests r`, as JSON. What is put in are hex digits, IDs of ours and numbers, which
 * need no escaping in an address.
 */
export function outsideLinksJson(sql: postgres.Sql, { trace, logs }: OutsideLinks): postgres.PendingQuery<postgres.Row[]> {
  const ms = (time: postgres.PendingQuery<postgres.Row[]>) => sql`(extract(epoch from ${time}) * 1000)::bigint::text`
  const filled = (template: string | undefined) => sql`
    replace(replace(replace(replace(replace(${template ?? null}::text,
      '{traceId}', r.trace_id), '{correlationId}', r.correlation_id), '{requestId}', r.id::text),
      '{fromMs}', ${ms(sql`r.created_at - interval '5 minutes'`)}),
      '{toMs}', ${ms(sql`coalesce(r.completed_at, r.failed_at, r.cancelled_at, r.created_at + interval '1 day') + interval '5 minutes'`)})`
  return sql`json_build_object('trace', ${filled(trace)}, 'logs', ${filled(logs)})`
}
