import {
  ATTR_CIRCUIT_BREAKER_STATE,
  EVENT_CIRCUIT_BREAKER_STATE_CHANGED,
  EVENT_RETRY,
} from '@vividly/instrumentation/semconv'
import type { Attributes, Severity } from '../signal.ts'

/** OTLP's 24 severity numbers in four; where there is none, what the event's name says. */
export function severityOf(severityNumber: number, eventName: string, attributes: Attributes): Severity {
  if (severityNumber < 1 || severityNumber > 24) return severityByName(eventName, attributes)
  if (severityNumber <= 12) return 'info'
  if (severityNumber <= 16) return 'warning'
  return severityNumber <= 20 ? 'error' : 'critical'
}

function severityByName(eventName: string, attributes: Attributes): Severity {
  if (eventName.endsWith('.failed') || eventName.endsWith('exception')) return 'error'
  if (eventName === EVENT_RETRY) return 'warning'
  const isChange = eventName === EVENT_CIRCUIT_BREAKER_STATE_CHANGED
  return isChange && attributes[ATTR_CIRCUIT_BREAKER_STATE] === 'open' ? 'warning' : 'info'
}
