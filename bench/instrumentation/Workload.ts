/** The same stage told in one of two ways. */
export type Workload = {
  /** A stage with a child span and two events of its own: two spans and four log records. */
  stage: () => void | Promise<unknown>
  /** A stage told step by step, each step a call that the caller waits for. */
  calls: readonly (() => void)[]
}

/** Stages between two pauses, in which what was queued is sent: the bare SDK drops what comes faster. */
export const BURST = 10
export const PAUSE_MS = 20
