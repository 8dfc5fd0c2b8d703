import { makeWarnOnce } from '../warnOnce.ts'

const warnOnce = makeWarnOnce()

/** Reads or listens to a host's breaker; one that is not what it should be works on unobserved, after one warning. */
export function attached<T>(name: string, look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    warnOnce(
      name,
      `the circuit breaker ${name} can't be observed. Is it of the library that this observer is for?`,
      error,
    )
    return undefined
  }
}
