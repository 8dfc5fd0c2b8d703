import type postgres from 'postgres'
import { REQUEST_STATUSES, TERMINAL_STATUSES } from '../contract.ts'
import type { RequestStatus } from '../contract.ts'
import { requestAilments } from './requestAilments.ts'
import type { RequestFilter } from './RequestFilter.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

const terminal = new Set<RequestStatus>(TERMINAL_STATUSES)
const spellings = /^(vvd_\d{13}_[0-9a-f]{8}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** Conditions on `content_requests r`, each beginning with `and`; `t` is its student, see {@link joinStudent}. */
export function requestConditions(sql: postgres.Sql, filter: RequestFilter): Fragment {
  const { statuses, organization, student, stage, text, fromUs, toUs, condition, errorType, breaker } = filter
  const conditions = [
    ...(statuses === undefined ? [] : statusConditions(sql, statuses)),
    ...(organization === undefined ? [] : [sql`and r.organization_id = ${organization}`]),
    ...(student === undefined ? [] : [sql`and r.student_id = ${student}`]),
    ...(stage === undefined ? [] : [sql`and coalesce(r.current_stage, r.error_stage) = ${stage}`]),
    ...(condition === undefined ? [] : [sql`and ${requestAilments(sql)[condition]}`]),
    ...(errorType === undefined ? [] : [sql`and ${errorType} in (r.error_details ->> 'error.type', r.error_details ->> 'exception.type')`]),
    ...(breaker === undefined ? [] : [sql`and r.error_details ->> 'vividly.circuit_breaker.name' = ${breaker}`]),
    ...(text === undefined ? [] : [textCondition(sql, text, filter.hidesNames)]),
    ...(fromUs === undefined ? [] : [sql`and r.created_at >= timestamp_of_us(${fromUs}::bigint)`]),
    ...(toUs === undefined ? [] : [sql`and r.created_at < timestamp_of_us(${toUs}::bigint)`]),
  ]
  // An empty array would go out as a value.
  return conditions.reduce((all, one) => sql`${all} ${one}`, sql``)
}

/** `r`'s student as `t`, where the filter asks for names. */
export function joinStudent(sql: postgres.Sql, { text, hidesNames }: RequestFilter): Fragment {
  if (text === undefined || hidesNames || spellings.test(text)) return sql``
  return sql`
    left join students t on t.organization_id = coalesce(r.organization_id, '') and t.student_id = r.student_id`
}

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

function textCondition(sql: postgres.Sql, text: string, hidesNames = false): Fragment {
  if (spellings.test(text)) return sql`and r.id = request_id_of(${text})`
  const pattern = `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`
  return sql`and (
    r.topic ilike ${pattern} or r.student_id ilike ${pattern} ${hidesNames ? sql`` : sql`or t.full_name ilike ${pattern}`}
    or r.correlation_id ilike ${pattern} or r.error_message ilike ${pattern}
  )`
}
