/** The clock and the chance of delivery, so that a test can let ten minutes pass at once. */
export type Timing = {
  /** Since the Unix epoch. */
  nowMs: () => number
  /** 0 to 1. */
  random: () => number
  /** Runs it once and later, without keeping the process alive; the answer calls it off. */
  after: (delayMs: number, run: () => void) => () => void
}

export const REAL_TIMING: Timing = {
  nowMs: Date.now,
  random: Math.random,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
