type Refusal = { untilUnixMs: number | undefined }

const refusals = new WeakMap<object, Refusal>()
const MAX_CAUSES = 5

/**
 * Remembers that a circuit breaker refused the call that threw this, or opened because of it, so that no retry is
 * spent in vain.
 * @param untilUnixMs Unix ms at which the breaker lets the next call through; `undefined` where that is not known.
 */
export function markRefusedUntil(error: unknown, untilUnixMs: number | undefined): void {
  if (typeof error === 'object' && error !== null) refusals.set(error, { untilUnixMs })
}

/** How an error, or what caused it, was refused by a breaker; `undefined` if it was not. */
export function refusalOf(error: unknown): Refusal | undefined {
  let current = error
  for (let depth = 0; depth < MAX_CAUSES && typeof current === 'object' && current !== null; depth += 1) {
    const refusal = refusals.get(current)
    if (refusal !== undefined) return refusal
    current = 'cause' in current ? current.cause : undefined
  }
  return undefined
}
