/** A step of `request_loads`. */
export const STEP_US = 10_000_000
const STEP_MS = STEP_US / 1000
const BYTES_A_CHANGE = 12

/** What the requests created in one hour added to a level: `request_loads.changes`. */
export type Load = { hourUs: number; changes: Uint8Array }

/**
 * How high a level was on average and at its peak in [fromUs, toUs), which counts in whole steps. The average is exact.
 * The peak is the greatest level at the end of a step, or on average in one: what rises and falls within ten seconds
 * may be higher by what ended in them.
 */
export function toConcurrency(loads: readonly Load[], fromUs: number, toUs: number): { average: number; peak: number } {
  const first = Math.floor(fromUs / STEP_US)
  const count = Math.max(1, Math.floor(toUs / STEP_US) - first)
  const rises = new Float64Array(count)
  const areasMs = new Float64Array(count)
  let level = 0
  for (const { hourUs, changes } of loads) {
    const offset = hourUs / STEP_US - first
    const view = new DataView(changes.buffer, changes.byteOffset, changes.byteLength)
    for (let at = 0; at < changes.byteLength; at += BYTES_A_CHANGE) {
      const step = view.getInt32(at) + offset
      if (step >= count) break
      const rise = view.getInt32(at + 4)
      if (step < 0) level += rise
      else {
        rises[step] = (rises[step] ?? 0) + rise
        areasMs[step] = (areasMs[step] ?? 0) + view.getInt32(at + 8)
      }
    }
  }
  let peak = 0
  let sumMs = 0
  for (let step = 0; step < count; step++) {
    const areaMs = level * STEP_MS + (areasMs[step] ?? 0)
    level += rises[step] ?? 0
    sumMs += areaMs
    peak = Math.max(peak, level, Math.ceil(areaMs / STEP_MS))
  }
  return { average: sumMs / (count * STEP_MS), peak }
}
