/** Rejects after `ms`, whether or not the work ever ends; a late failure of it is not left unhandled. */
export async function withDeadline<T>(work: Promise<T>, ms: number, doing: string): Promise<T> {
  const { promise: deadline, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms while ${doing}`)), ms)
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
