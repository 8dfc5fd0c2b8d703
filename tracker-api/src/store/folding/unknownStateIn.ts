import {
  ATTR_CIRCUIT_BREAKER_STATE, ATTR_REQUEST_STATUS, ATTR_STAGE_STATUS, CIRCUIT_BREAKER_STATES, REQUEST_OUTCOMES, STAGE_OUTCOMES,
} from '@vividly/instrumentation/semconv'
import type { Attributes } from '../../signal.ts'
import { textOf } from './textOf.ts'

const STATES: readonly (readonly [name: string, known: readonly string[]])[] = [
  [ATTR_STAGE_STATUS, STAGE_OUTCOMES],
  [ATTR_REQUEST_STATUS, REQUEST_OUTCOMES],
  [ATTR_CIRCUIT_BREAKER_STATE, CIRCUIT_BREAKER_STATES.toSorted()],
]

/** Why a signal can't be merged: it names a state that nobody knows; undefined where it can. */
export function unknownStateIn(attributes: Attributes): string | undefined {
  for (const [name, known] of STATES) {
    const state = textOf(attributes[name])
    if (state !== null && !known.includes(state)) return `${name} is none of ${known.join(', ')}`
  }
  return undefined
}
