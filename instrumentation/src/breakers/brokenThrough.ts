const breakerOf = new WeakMap<object, string>()
const MAX_CAUSES = 5

/** Remembers that this error came out of the breaker of that name; the innermost breaker wins. */
export function markBrokenThrough(error: unknown, breakerName: string): void {
  if (typeof error === 'object' && error !== null && !breakerOf.has(error)) breakerOf.set(error, breakerName)
}

/** The breaker that an error, or what caused it, came through. */
export function breakerThrough(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < MAX_CAUSES && typeof current === 'object' && current !== null; depth += 1) {
    const name = breakerOf.get(current)
    if (name !== undefined) return name
    current = 'cause' in current ? current.cause : undefined
  }
  return undefined
}
