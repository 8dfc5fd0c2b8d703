const MIN_MS = 3
/** Without a hint, while changes come, looking may take this share of the time. */
const BUSY_SHARE = 0.2

/**
 * How long to rest after a look that took `tookMs`, telling included: at least `atLeastMs`, hint or not, so that a
 * replica that does not keep up merges what changes meanwhile; at most `atMostMs`, shorter while changes come. A look
 * that finds a change or two takes a millisecond: resting for ten after it was half of the way from a post to a listener.
 */
export function restAfter(
  tookMs: number,
  foundChanges: boolean,
  pollMs: number,
): { atLeastMs: number; atMostMs: number } {
  const within = (ms: number) => Math.min(Math.max(ms, MIN_MS), pollMs)
  return { atLeastMs: within(tookMs), atMostMs: foundChanges ? within(tookMs * (1 / BUSY_SHARE - 1)) : pollMs }
}
