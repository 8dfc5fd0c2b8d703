import type { RequestRow } from '@vividly/tracker-api/contract'

import { isEnded } from '../client/requestPhase.ts'

export type ProgressRange = { lowerPercent: number; upperPercent: number }

/** What goes on is never drawn as done. */
const MOST = 99

/**
 * How much of its time a request has had, if it ends as late, and if it ends as early, as its stages usually let it.
 * @param nowMs the server's time
 * @returns undefined where no end can be foreseen
 */
export function progressRange(
  { status, created_at: createdAt, expected_end: expected }: Pick<RequestRow, 'status' | 'created_at' | 'expected_end'>,
  nowMs: number,
): ProgressRange | undefined {
  if (isEnded(status) || expected === null) return undefined
  const createdMs = Date.parse(createdAt)
  const elapsedMs = Math.max(0, nowMs - createdMs)
  const percentUntil = (end: string) => {
    const wholeMs = Date.parse(end) - createdMs
    return wholeMs > elapsedMs ? Math.min(MOST, Math.floor((elapsedMs / wholeMs) * 100)) : MOST
  }
  const lowerPercent = percentUntil(expected.latest)
  return { lowerPercent, upperPercent: Math.max(lowerPercent, percentUntil(expected.earliest)) }
}
