import type { Attributes } from '@opentelemetry/api'
import { breakerThrough } from './breakers/brokenThrough.ts'
import {
  ATTR_CIRCUIT_BREAKER_NAME,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from './semconv.ts'
import { messageOf } from './warnOnce.ts'

const MAX_STACK_CHARACTERS = 16_384
const MAX_MESSAGE_CHARACTERS = 4096
const MAX_CAUSES = 3

/**
 * What was thrown, in OpenTelemetry's names. `error.type` is the error's code where it has one (`ECONNREFUSED`),
 * else its name; the stack trace goes on into its causes. Never throws, whatever was thrown.
 */
export function errorAttributes(thrown: unknown): Attributes {
  if (thrown === undefined) return {}
  try {
    const type = typeOf(thrown)
    const stack = stackOf(thrown)
    const breaker = breakerThrough(thrown)
    return {
      [ATTR_ERROR_TYPE]: codeOf(thrown) ?? type,
      [ATTR_EXCEPTION_TYPE]: type,
      [ATTR_EXCEPTION_MESSAGE]: errorMessage(thrown),
      ...(stack !== '' && { [ATTR_EXCEPTION_STACKTRACE]: stack }),
      ...(breaker !== undefined && { [ATTR_CIRCUIT_BREAKER_NAME]: breaker }),
    }
  } catch {
    return {
      [ATTR_ERROR_TYPE]: '_OTHER',
      [ATTR_EXCEPTION_TYPE]: '_OTHER',
      [ATTR_EXCEPTION_MESSAGE]: 'an unreadable error',
    }
  }
}

export const errorMessage = (thrown: unknown): string =>
  messageOf(thrown).slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed()

function typeOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.name || 'Error').slice(0, 200) : typeof thrown
}

function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(thrown.code)
    ? thrown.code
    : undefined
}

function stackOf(thrown: unknown): string {
  const stacks: string[] = []
  let current = thrown
  while (current instanceof Error && stacks.length <= MAX_CAUSES) {
    stacks.push(String(current.stack ?? current))
    current = current.cause
  }
  return stacks.join('\nCaused by: ').slice(0, MAX_STACK_CHARACTERS).toWellFormed()
}
