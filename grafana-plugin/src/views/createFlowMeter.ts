import type { RequestRow } from '@vividly/tracker-api/contract'

import { laneOf } from './toLanes.ts'

const WINDOW_MS = 60_000
/** What was watched for less than this says too little. */
const SHORTEST_MS = 15_000

export type FlowMeter = ReturnType<typeof createFlowMeter>

/** How many requests leave each lane a minute, by what was seen of them in the last one. */
export function createFlowMeter() {
  let seen: ReadonlyMap<string, RequestRow> = new Map()
  let sinceMs: number | undefined
  const leftAtMs = new Map<string, number[]>()

  function observe(rows: ReadonlyMap<string, RequestRow>, nowMs: number): void {
    sinceMs ??= nowMs
    for (const [id, row] of rows) {
      const before = seen.get(id)
      if (before === undefined || before === row) continue
      const lane = laneOf(before)
      if (lane !== null && lane !== laneOf(row)) leftAtMs.set(lane, [...(leftAtMs.get(lane) ?? []), nowMs])
    }
    seen = rows
  }

  /** Undefined until enough was seen. @param lane a stage, '' for what waits to begin */
  function perMinute(lane: string, nowMs: number): number | undefined {
    const watchedMs = Math.min(WINDOW_MS, nowMs - (sinceMs ?? nowMs))
    if (watchedMs < SHORTEST_MS) return undefined
    const recent = (leftAtMs.get(lane) ?? []).filter((atMs) => atMs > nowMs - WINDOW_MS)
    leftAtMs.set(lane, recent)
    return (recent.length * 60_000) / watchedMs
  }

  return { observe, perMinute }
}
