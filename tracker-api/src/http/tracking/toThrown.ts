import type { ToldError } from '../../trackingContract.ts'

/** What another process threw, as the instrumentation reads errors; without a stack trace it has none of ours. */
export function toThrown({ type = 'Error', message, stacktrace = '' }: ToldError): Error {
  const thrown = new Error(message)
  thrown.name = type
  thrown.stack = stacktrace
  return thrown
}
