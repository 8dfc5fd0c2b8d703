import { ATTR_LOG_RECORD_UID, ATTR_REQUEST_SCRIPT_TEXT, ATTR_STAGE_ATTEMPT, ATTR_STAGE_NAME, ATTR_USER_FULL_NAME } from '@vividly/instrumentation/semconv'
import type { Attributes } from '../../signal.ts'

/** Kept elsewhere, once: names with the students, scripts with the requests, identities in keys. */
const KEPT_ELSEWHERE: readonly string[] = [ATTR_USER_FULL_NAME, ATTR_REQUEST_SCRIPT_TEXT, ATTR_LOG_RECORD_UID]
const OF_SPANS = new Set(KEPT_ELSEWHERE)
const OF_EVENTS = new Set([...KEPT_ELSEWHERE, ATTR_STAGE_NAME, ATTR_STAGE_ATTEMPT])

/** What a row of `request_spans` keeps of attributes. */
export function spanAttributes(attributes: Attributes): Attributes {
  return without(attributes, OF_SPANS)
}

/** What a row of `request_events` keeps of them: stage and attempt are columns. */
export function eventData(attributes: Attributes): Attributes {
  return without(attributes, OF_EVENTS)
}

/** A loop, for it runs for every signal: `fromEntries` takes three times as long. */
function without(attributes: Attributes, names: ReadonlySet<string>): Attributes {
  const kept: Attributes = {}
  for (const name in attributes) if (!names.has(name)) kept[name] = attributes[name] ?? null
  return kept
}
