const BASE_MS = 1_000
const CAP_MS = 30_000

/**
 * Full jitter: anywhere between 0 and a ceiling that doubles from 1 s to 30 s, drawn after the cap so that many
 * pages that lost one server do not come back in step. The server's own wish is the least we wait.
 * @param attempt failures so far, from 1
 * @param random 0 to 1
 */
export function retryDelayMs(attempt: number, random: number, retryAfterMs = 0): number {
  const ceilingMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 10))
  return Math.round(retryAfterMs + random * ceilingMs)
}
