const FIRST_MS = 500
const LONGEST_MS = 10_000
/** A receiver that asks for more than this may have its clock wrong. */
const LONGEST_ASKED_MS = 300_000

/**
 * How long to wait after the `failures`th failure in a row (from 1). Half of it is random, so that services which
 * lost the same tracker don't come back at once.
 * @param askedMs `Retry-After`, which is a minimum.
 * @param random 0 to 1.
 */
export function backOffMs(failures: number, random: number, askedMs = 0): number {
  const ownMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20)) * (0.5 + random / 2)
  return Math.max(ownMs, Math.min(askedMs, LONGEST_ASKED_MS))
}
