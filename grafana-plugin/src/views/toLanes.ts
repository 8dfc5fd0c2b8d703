import type { RequestRow } from '@vividly/tracker-api/contract'

import { createdAtMs } from '../client/createdAtMs.ts'
import { isEnded } from '../client/requestPhase.ts'
import { NONE_OPEN, requestState } from './states.ts'

/** Requests that are at one place of the way; `stage` undefined: not begun. */
export type Lane = {
  stage: string | undefined
  count: number
  late: number
  stalled: number
  retrying: number
  held: number
  /** Of the requests, since creation; undefined while the lane is empty. */
  medianAgeMs: number | undefined
  oldestAgeMs: number | undefined
}

type Ailment = 'late' | 'stalled' | 'retrying' | 'held'
const NOTHING: Record<Ailment, number> = { late: 0, stalled: 0, retrying: 0, held: 0 }

/** Where a request is; null once it has ended. */
export function laneOf(row: RequestRow): string | null {
  if (isEnded(row.status)) return null
  return row.current_stage ?? ''
}

/**
 * The requests in flight by stage, in the order of the way they go, the waiting ones first.
 * @param stages shown also while nothing is in them
 * @param nowMs the server's time
 */
export function toLanes(rows: Iterable<RequestRow>, stages: readonly string[], nowMs: number, open = NONE_OPEN): Lane[] {
  const order = [...stages]
  const agesMs = new Map<string, number[]>()
  const counted = new Map<string, Record<Ailment, number>>()
  for (const row of rows) {
    const lane = laneOf(row)
    if (lane === null) continue
    if (lane !== '' && !order.includes(lane)) placeAfterItsForerunner(order, lane, row)
    const ages = agesMs.get(lane) ?? []
    agesMs.set(lane, ages)
    ages.push(Math.max(0, nowMs - createdAtMs(row)))
    const state = requestState(row, nowMs, open)
    if (state === 'late' || state === 'stalled' || state === 'retrying' || state === 'held') {
      const counts = counted.get(lane) ?? { ...NOTHING }
      counted.set(lane, counts)
      counts[state] += 1
    }
  }
  return ['', ...order].map((name) => {
    const ages = Float64Array.from(agesMs.get(name) ?? []).sort()
    return {
      stage: name || undefined,
      count: ages.length,
      ...(counted.get(name) ?? NOTHING),
      medianAgeMs: ages[Math.floor((ages.length - 1) / 2)],
      oldestAgeMs: ages.at(-1),
    }
  })
}

function placeAfterItsForerunner(order: string[], stage: string, row: RequestRow): void {
  const names = row.stages.map(({ name }) => name)
  const before = names.slice(0, names.indexOf(stage)).findLast((name) => order.includes(name))
  order.splice(before === undefined ? order.length : order.indexOf(before) + 1, 0, stage)
}
