import { parseIdentity } from '@vividly/instrumentation/identity'
import type { Attributes, LogSignal, Refusal, SignalBatch, SignalKind, SpanSignal } from '../../signal.ts'

const ATTRIBUTE = 'vividly.organization.id'

/**
 * The batch as a sender of one organization may send it: what names another is refused, what belongs to a request
 * names this one and carries it as `owner`, by which the database refuses writes to requests of others.
 */
export function ownedBatch({ spans, logs, refusals }: SignalBatch, organization: string): SignalBatch {
  const isOwn = ({ attributes }: { attributes: Attributes }): boolean =>
    attributes[ATTRIBUTE] === undefined || attributes[ATTRIBUTE] === organization
  return {
    spans: spans.filter(isOwn).map((span) => owned(span, organization)),
    logs: logs.filter(isOwn).map((log) => owned(log, organization)),
    refusals: [
      ...refusals,
      ...spans.filter((span) => !isOwn(span)).map((span) => mismatch('span', span)),
      ...logs.filter((log) => !isOwn(log)).map((log) => mismatch('log_record', log)),
    ],
  }
}

/** Naming an organization makes a signal of a foreign trace tracked: only those that are get it. */
function owned<S extends SpanSignal | LogSignal>(signal: S, owner: string): S {
  const isTracked =
    (signal.trace_id !== null && parseIdentity(signal.trace_id)?.ours === true) ||
    Object.keys(signal.attributes).some((key) => key.startsWith('vividly.')) ||
    ('event_name' in signal && signal.event_name.startsWith('vividly.'))
  const attributes = isTracked && signal.trace_id !== null ? { ...signal.attributes, [ATTRIBUTE]: owner } : signal.attributes
  const own = { ...signal, attributes, owner }
  return own
}

function mismatch(signal: SignalKind, payload: SpanSignal | LogSignal): Refusal {
  const detail = `${ATTRIBUTE} is not the organization of the token`
  return { signal, reason: 'org_mismatch', detail, payload }
}
