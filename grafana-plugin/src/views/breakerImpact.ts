import type { RequestRow } from '@vividly/tracker-api/contract'
import type { StageNormals } from '@vividly/tracker-api/trendsContract'

import { isEnded } from '../client/requestPhase.ts'
import { breakerOf, requestState } from './states.ts'

export type BreakerImpact = {
  /** Requests that wait for it now. */
  held: number
  /** That will come to a stage that calls through it before `withinMs` are over, if all goes as usual; undefined where no such stage is known. */
  arriving: number | undefined
}

type Normals = StageNormals['items']

/**
 * Whom an open breaker stops. The stages that call through it are those that failed by it among the rows; when a request
 * gets there is its expected end less what stages from there on usually take.
 * @param nowMs the server's time
 */
export function breakerImpact(
  rows: Iterable<RequestRow>,
  breaker: string,
  normals: Normals | undefined,
  nowMs: number,
  withinMs: number,
): BreakerImpact {
  const open = new Set([breaker])
  const stages = new Set<string>()
  const onTheWay: RequestRow[] = []
  let held = 0
  for (const row of rows) {
    if (breakerOf(row) === breaker && row.error_stage !== null) stages.add(row.error_stage)
    if (isEnded(row.status)) continue
    if (requestState(row, nowMs, open) === 'held') held += 1
    else onTheWay.push(row)
  }
  if (stages.size === 0 || !normals) return { held, arriving: undefined }
  const usualMs = new Map(normals.map(({ stage, p50_seconds: seconds }) => [stage, seconds === null ? undefined : seconds * 1000]))
  const arriving = onTheWay.filter((row) => {
    const leftMs = untilStageMs(row, stages, usualMs, nowMs)
    return leftMs !== undefined && leftMs <= withinMs
  })
  return { held, arriving: arriving.length }
}

/** Undefined where the request is past such stages, or nothing is known of its end. */
function untilStageMs(row: RequestRow, stages: ReadonlySet<string>, usualMs: ReadonlyMap<string | null, number | undefined>, nowMs: number): number | undefined {
  const at = row.stages.findIndex(({ name, status }) => stages.has(name) && status === 'pending')
  if (at < 0 || row.expected_end === null) return undefined
  let fromThereMs = 0
  for (const { name } of row.stages.slice(at)) {
    const ms = usualMs.get(name)
    if (ms === undefined) return undefined
    fromThereMs += ms
  }
  return Math.max(0, Date.parse(row.expected_end.likely) - nowMs - fromThereMs)
}
