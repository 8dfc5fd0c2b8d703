import type postgres from 'postgres'
import { isSpelling } from './requestConditions.ts'
import type { RequestFilter } from './RequestFilter.ts'

type Fragment = postgres.PendingQuery<postgres.Row[]>

/** What a filter seeks by an index of its own. */
export type Sought = {
  /** A condition on `content_requests r`. */
  matches: Fragment
  /** A condition, beginning with `and`, that all that match fulfil and the index of the newest is made for. */
  within: Fragment
  /** A query of all rows of `content_requests` that match; undefined where no index can help. */
  indexed: Fragment | undefined
  /** Of so many of the newest within each is read, before the index is asked. */
  near: number
}

/** What one in a hundred has fills its page here; what is rarer has ten thousand rows of a million at most. */
const NEAR = 5_000
/** Errors are one in twenty of all: what one in forty of them has fills its page here. */
const NEAR_ERRORS = 2_000
/** Of what has no three letters in a row to be found by, the newest so many are read and the others not. */
const NEAR_WITHOUT_INDEX = 20_000
const trigram = /[\p{L}\p{N}]{3}/u

/** The part of a filter that may match nearly all requests or nearly none, and the rest of it. */
export function soughtIn(sql: postgres.Sql, filter: RequestFilter): { sought: Sought | undefined; rest: RequestFilter } {
  const { text, errorType, breaker } = filter
  if (text !== undefined && !isSpelling(text)) {
    const { text: _, ...rest } = filter
    return { sought: textSought(sql, text, filter.hidesNames), rest }
  }
  if (breaker !== undefined) {
    const { breaker: _, ...rest } = filter
    return { sought: errorSought(sql, sql`r.error_details ->> 'vividly.circuit_breaker.name' = ${breaker}`), rest }
  }
  if (errorType !== undefined) {
    const { errorType: _, ...rest } = filter
    const matches = sql`(r.error_details ->> 'error.type' = ${errorType} or r.error_details ->> 'exception.type' = ${errorType})`
    return { sought: errorSought(sql, matches), rest }
  }
  return { sought: undefined, rest: filter }
}

function errorSought(sql: postgres.Sql, matches: Fragment): Sought {
  const within = sql`and r.error_details is not null`
  return { matches, within, indexed: sql`select r.* from content_requests r where ${matches}`, near: NEAR_ERRORS }
}

function textSought(sql: postgres.Sql, text: string, hidesNames = false): Sought {
  const pattern = `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`
  const says = sql`searched_text(r.topic, r.student_id, r.correlation_id, r.error_message) ilike ${pattern}`
  const isNamed = sql`exists (
    select from students t
    where t.organization_id = coalesce(r.organization_id, '') and t.student_id = r.student_id and t.full_name ilike ${pattern}
  )`
  const matches = hidesNames ? says : sql`(${says} or ${isNamed})`
  if (!trigram.test(text)) return { matches, within: sql``, indexed: undefined, near: NEAR_WITHOUT_INDEX }
  // The index is of those that have ended.
  const said = sql`
    select r.* from content_requests r where ${says} and r.outcome is not null
    union all
    select r.* from content_requests r where ${says} and r.outcome is null`
  const named = sql`
    select r.* from students t
    join content_requests r on r.student_id = t.student_id and coalesce(r.organization_id, '') = t.organization_id
    where t.full_name ilike ${pattern} and not ${says}`
  return { matches, within: sql``, indexed: hidesNames ? said : sql`${said} union all ${named}`, near: NEAR }
}
