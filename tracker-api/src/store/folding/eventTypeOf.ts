import { ATTR_CIRCUIT_BREAKER_STATE, EVENT_CIRCUIT_BREAKER_STATE_CHANGED, VIVIDLY_NAMESPACE } from '@vividly/instrumentation/semconv'
import type { Attributes } from '../../signal.ts'

/** `vividly.` dropped, dots to `_`; a service's own name stays. */
export function eventTypeOf(eventName: string, attributes: Attributes): string {
  if (eventName === EVENT_CIRCUIT_BREAKER_STATE_CHANGED && attributes[ATTR_CIRCUIT_BREAKER_STATE] === 'open') return 'circuit_breaker_open'
  if (!eventName.startsWith(VIVIDLY_NAMESPACE)) return eventName
  return eventName.slice(VIVIDLY_NAMESPACE.length).replaceAll('.', '_')
}
