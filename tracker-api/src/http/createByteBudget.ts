/** What a body costs beyond its own bytes: its socket's buffers, the window of gunzip. Bounds how many there can be. */
export const BYTES_OF_ANY_BODY = 64 * 1024

export type ByteBudget = {
  /** Undefined where there is no room for one more body now. */
  open: () => HeldBytes | undefined
  heldBytes: () => number
}

/** The room that one body takes, from its head to its answer. */
export type HeldBytes = {
  /** Says that the body has that many bytes by now; false where there is no room for what is new. */
  growTo: (bytes: number) => boolean
  release: () => void
}

/**
 * Bounds what bodies hold in memory together, inflated: whatever callers do, the process has room to answer them.
 * A body holds what has come of it, not what its head promises: whoever promises much and sends nothing takes no room.
 */
export function createByteBudget(limitBytes: number): ByteBudget {
  let heldBytes = 0

  function take(bytes: number): boolean {
    if (heldBytes + bytes > limitBytes) return false
    heldBytes += bytes
    return true
  }

  return {
    heldBytes: () => heldBytes,
    open: () => {
      if (!take(BYTES_OF_ANY_BODY)) return undefined
      let own = BYTES_OF_ANY_BODY
      return {
        growTo: (bytes) => {
          const more = Math.max(0, BYTES_OF_ANY_BODY + bytes - own)
          if (!take(more)) return false
          own += more
          return true
        },
        release: () => {
          heldBytes -= own
          own = 0
        },
      }
    },
  }
}
