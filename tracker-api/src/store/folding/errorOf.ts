import {
  ATTR_CIRCUIT_BREAKER_NAME, ATTR_ERROR_TYPE, ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE, ATTR_STAGE_NAME,
} from '@vividly/instrumentation/semconv'
import type { Attributes, Json } from '../../signal.ts'
import { textOf, wordOf } from './textOf.ts'
import type { SignalError } from './TrackedSignal.ts'

const ATTR_EXCEPTIONS = [ATTR_EXCEPTION_TYPE, ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE]

/** What went wrong, in the words nearest to it; `exception` is the span's last one. */
export function errorOf(attributes: Attributes, exception: Attributes | null, message: string | null): SignalError {
  const details: { [name: string]: Json } = {}
  for (const name of [ATTR_ERROR_TYPE, ATTR_CIRCUIT_BREAKER_NAME]) keep(details, name, attributes[name])
  for (const name of ATTR_EXCEPTIONS) keep(details, name, attributes[name] ?? exception?.[name])
  return {
    message:
      wordOf(attributes[ATTR_EXCEPTION_MESSAGE]) ?? (message || null) ?? wordOf(exception?.[ATTR_EXCEPTION_MESSAGE]) ??
      wordOf(attributes[ATTR_ERROR_TYPE]) ?? textOf(exception?.[ATTR_EXCEPTION_TYPE]),
    stage: textOf(attributes[ATTR_STAGE_NAME]),
    details: Object.keys(details).length === 0 ? null : details,
  }
}

function keep(details: { [name: string]: Json }, name: string, value: Json | undefined): void {
  if (value !== undefined && value !== null) details[name] = value
}
