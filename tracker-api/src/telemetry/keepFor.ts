/** What was read last, read anew when that is longer ago; of calls that come together one reads. A failure is not kept. */
export function keepFor<T>(maxAgeMs: number, read: () => Promise<T>): () => Promise<T> {
  let last: { askedAt: number; value: Promise<T> } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.askedAt > maxAgeMs) {
      const asked = { askedAt: now, value: read() }
      asked.value.catch(() => {
        if (last === asked) last = undefined
      })
      last = asked
    }
    return last.value
  }
}
