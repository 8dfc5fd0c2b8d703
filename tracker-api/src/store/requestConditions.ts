import type postgres from 'postgres'
import { REQUEST_STATUSES, TERMINAL_STATUSES } from '../contract.ts'
import type { RequestStatus } from '../contract.ts'
import { requestAilments } from './requestAilments.ts'
import type { RequestFilter } from './RequestFilter.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

const terminal = new Set<RequestStatus>(TERMINAL_STATUSES)
const spellings = /^(vvd_\d{13}_[0-9a-f]{8}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** Whether a text can only be an ID, in one of its three spellings. */
export const isSpelling = (text: string): boolean => spellings.test(text)

/** Conditions on `content_requests r`, each beginning with `and`; of a text only an ID: {@link soughtIn} has the others. */
export function requestConditions(sql: postgres.Sql, filter: RequestFilter): Fragment {
  const { statuses, organization, student, stage, text, fromUs, toUs, condition, errorType, breaker } = filter
  const conditions = [
    ...(statuses === undefined ? [] : statusConditions(sql, statuses)),
    ...(organization === undefined ? [] : [sql`and r.organization_id = ${organization}`]),
    ...(student === undefined ? [] : [sql`and r.student_id = ${student}`]),
    ...(stage === undefined ? [] : [sql`and coalesce(r.current_stage, r.error_stage) = ${stage} ${notCompleted(sql)}`]),
    ...(condition === undefined ? [] : [sql`and ${requestAilments(sql)[condition]}`]),
    ...(errorType === undefined ? [] : [sql`and ${errorType} in (r.error_details ->> 'error.type', r.error_details ->> 'exception.type') ${notCompleted(sql)}`]),
    ...(breaker === undefined ? [] : [sql`and r.error_details ->> 'vividly.circuit_breaker.name' = ${breaker} ${notCompleted(sql)}`]),
    ...(text === undefined || !isSpelling(text) ? [] : [sql`and r.id = request_id_of(${text})`]),
    ...(fromUs === undefined ? [] : [sql`and r.created_at >= timestamp_of_us(${fromUs}::bigint)`]),
    ...(toUs === undefined ? [] : [sql`and r.created_at < timestamp_of_us(${toUs}::bigint)`]),
  ]
  // An empty array would go out as a value.
  return conditions.reduce((all, one) => sql`${all} ${one}`, sql``)
}

/** Holds of all that have a stage or an error: said for the index of the few. */
const notCompleted = (sql: postgres.Sql): Fragment => sql`and r.outcome is distinct from 'completed'`

/** Said twice where a partial index holds just these: the planner proves nothing from a parameter. */
function statusConditions(sql: postgres.Sql, statuses: RequestStatus[]): Fragment[] {
  if (REQUEST_STATUSES.every((status) => statuses.includes(status))) return []
  const conditions = [sql`and r.status = any (${statuses}::request_status[])`]
  if (!statuses.some((status) => terminal.has(status))) conditions.push(sql`and r.outcome is null`)
  else if (statuses.every((status) => status === 'failed' || status === 'cancelled')) {
    conditions.push(sql`and r.outcome in ('failed', 'cancelled')`)
  }
  return conditions
}
