import {
  ATTR_CIRCUIT_BREAKER_NAME, ATTR_LOG_RECORD_UID, ATTR_MESSAGING_CONVERSATION_ID, ATTR_ORGANIZATION_ID, ATTR_PIPELINE_NAME,
  ATTR_STAGE_NAME, ATTR_STAGE_OUTPUT, ATTR_USER_FULL_NAME, ATTR_USER_ID, VIVIDLY_NAMESPACE,
} from '@vividly/instrumentation/semconv'
import type { Attributes, Json, LogSignal, Refusal, SignalBatch, SpanSignal } from '../signal.ts'
import type { RedactionRules } from './RedactionRules.ts'
import { textRuleOf } from './RedactionRules.ts'

export const REDACTED = '[redacted]'
/** How many values of the record were left out or masked. */
export const NOTE_REDACTED = 'tracker.redacted_values_count'

/** Identities: a text rule that hit one would make one of many. */
const identities = new Set([
  ATTR_ORGANIZATION_ID, ATTR_PIPELINE_NAME, ATTR_STAGE_NAME, ATTR_CIRCUIT_BREAKER_NAME, ATTR_USER_ID, ATTR_LOG_RECORD_UID,
  ATTR_MESSAGING_CONVERSATION_ID, 'traceId', 'spanId', 'parentSpanId', 'trace_id', 'span_id', 'parent_span_id',
])
const ownKeys = new Set([ATTR_USER_ID, ATTR_USER_FULL_NAME, ATTR_LOG_RECORD_UID, ATTR_MESSAGING_CONVERSATION_ID, 'error.type', 'event.name'])
const isOwnKey = (key: string): boolean =>
  ownKeys.has(key) || [VIVIDLY_NAMESPACE, 'exception.', 'tracker.', 'otel.'].some((start) => key.startsWith(start))

const noRules: RedactionRules = { deniedKeys: [], allowedKeys: undefined, texts: [] }

export type Redacted = { batch: SignalBatch; keys: number; texts: number }
export type Redactor = (batch: SignalBatch) => Redacted

/**
 * A function that gives a batch without what the rules forbid, refused records included; undefined where there are no
 * rules. The same batch gives the same result, so that repeating it changes nothing.
 */
export function createRedactor({ deniedKeys, allowedKeys, texts }: RedactionRules = noRules): Redactor | undefined {
  if (deniedKeys.length === 0 && allowedKeys === undefined && texts.length === 0) return undefined
  const isDenied = matcherOf(deniedKeys)
  const isAllowed = allowedKeys && matcherOf(allowedKeys)
  const textRules = texts.map(textRuleOf)

  return (batch) => {
    const counts = { keys: 0, texts: 0 }

    function text(said: string): string {
      let clean = said
      for (const { pattern, fits } of textRules) {
        clean = clean.replaceAll(pattern, (found) => {
          if (fits?.(found) === false) return found
          counts.texts++
          return REDACTED
        })
      }
      return clean
    }

    function value(said: Json, key: string): Json {
      if (typeof said === 'string') {
        if (identities.has(key)) return said
        const map = key === ATTR_STAGE_OUTPUT ? mapIn(said) : undefined
        return map === undefined ? text(said) : JSON.stringify(entries(map))
      }
      if (Array.isArray(said)) return said.map((item) => value(item, key))
      return typeof said === 'object' && said !== null ? entries(said) : said
    }

    function entries(map: Attributes, isTop = false): Attributes {
      const kept = Object.entries(map).filter(([key]) => {
        const isOut = isDenied(key) || (isTop && isAllowed !== undefined && !isOwnKey(key) && !isAllowed(key))
        if (isOut) counts.keys++
        return !isOut
      })
      return Object.fromEntries(kept.map(([key, said]) => [key, value(said, key)]))
    }

    function noted<S extends SpanSignal | LogSignal>(signal: S, clean: (signal: S) => S): S {
      const before = counts.keys + counts.texts
      const cleaned = clean(signal)
      const found = counts.keys + counts.texts - before
      return found === 0 ? signal : { ...cleaned, attributes: { ...cleaned.attributes, [NOTE_REDACTED]: found } }
    }
    const orNull = (said: string | null): string | null => (said === null ? null : text(said))

    const spans = batch.spans.map((signal) =>
      noted(signal, (span) => ({
        ...span,
        name: text(span.name),
        status_message: orNull(span.status_message),
        attributes: entries(span.attributes, true),
        exception: span.exception && entries(span.exception, true),
      })),
    )
    const logs = batch.logs.map((signal) =>
      noted(signal, (log) => ({ ...log, message: orNull(log.message), attributes: entries(log.attributes, true) })),
    )
    const refusals = batch.refusals.map((refusal): Refusal => ({ ...refusal, payload: payloadOf(refusal.payload) }))
    return { batch: { spans, logs, refusals }, ...counts }

    function payloadOf(payload: Json): Json {
      if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return value(payload, '')
      const { attributes, ...rest } = payload
      const isMap = typeof attributes === 'object' && attributes !== null && !Array.isArray(attributes)
      return { ...entries(rest), ...(isMap && { attributes: entries(attributes, true) }) }
    }
  }
}

/** A map that a span had to write as JSON. */
function mapIn(text: string): Attributes | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Attributes
  } catch {
    return undefined
  }
}

function matcherOf(keys: readonly string[]): (key: string) => boolean {
  const exact = new Set(keys.filter((key) => !key.includes('*')))
  const globs = keys.filter((key) => key.includes('*')).map((key) => new RegExp(`^${key.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'su'))
  return (key) => exact.has(key) || globs.some((glob) => glob.test(key))
}
