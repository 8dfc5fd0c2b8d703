/**
 * What the screen knows of the tracker, and how snapshots and stream frames change it. No I/O, no clock.
 *
 * Frames are states with a version, so applying them is a join: any order and any repetition of the same
 * frames ends in the same data. Data is immutable; an unchanged part keeps its identity.
 */
import type { CircuitBreaker, RequestRow, StreamFrames } from '@vividly/tracker-api/contract'

import { isEnded } from './requestPhase.ts'

export type Frame = { [K in keyof StreamFrames]: { type: K; data: StreamFrames[K] } }[keyof StreamFrames]
export type Stats = StreamFrames['stats']
export type VersionedBreaker = { row: CircuitBreaker; version: number }

export type LiveData = {
  requests: ReadonlyMap<string, RequestRow>
  /** The version at which a request left the screen, so that an older frame can't bring it back. */
  gone: ReadonlyMap<string, number>
  /** Requests that a filter or search asked for, by who asked: kept although they ended long ago. */
  pins: ReadonlyMap<object, ReadonlySet<string>>
  breakers: ReadonlyMap<string, VersionedBreaker>
  /** The reader may not see them: none is not to be taken for none. */
  breakersHidden: boolean
  stats: Stats | undefined
}

export type Snapshot = {
  rows: RequestRow[]
  breakers: CircuitBreaker[]
  breakersHidden: boolean
  stats: Stats
  /** False: there were more in flight than were read, so that no digest of theirs can be checked. */
  hasAllActive: boolean
}

/** Ended requests kept beside all active ones. */
export const ENDED_KEPT = 500
/** Pruning waits until this many are too many, so that it does not sort at every frame. */
const ENDED_SLACK = 50
const GONE_KEPT = 5_000

export const emptyLiveData: LiveData = {
  requests: new Map(),
  gone: new Map(),
  pins: new Map(),
  breakers: new Map(),
  breakersHidden: false,
  stats: undefined,
}

/** A snapshot replaces everything: after a restore the versions may start again. Only pins survive. */
export function applySnapshot(before: LiveData, snapshot: Snapshot): LiveData {
  const requests = new Map<string, RequestRow>()
  for (const row of snapshot.rows) putRow(requests, row)
  for (const ids of before.pins.values()) {
    for (const id of ids) {
      const row = before.requests.get(id)
      if (row && isEnded(row.status) && !requests.has(id)) requests.set(id, row)
    }
  }
  return {
    requests,
    gone: new Map(),
    pins: before.pins,
    breakers: new Map(snapshot.breakers.map((row) => [row.name, { row, version: 0 }])),
    breakersHidden: snapshot.breakersHidden,
    stats: snapshot.stats,
  }
}

/** Rows of an answer to a filter: kept until the next answer to the same asker, or {@link forgetFound}. */
export function applyFound(before: LiveData, asker: object, rows: readonly RequestRow[]): LiveData {
  const requests = new Map(before.requests)
  for (const row of rows) putRow(requests, row)
  const pins = new Map(before.pins).set(asker, new Set(rows.map((row) => row.id)))
  return pruneEnded({ ...before, requests, pins })
}

export function forgetFound(before: LiveData, asker: object): LiveData {
  if (!before.pins.has(asker)) return before
  const pins = new Map(before.pins)
  pins.delete(asker)
  return pruneEnded({ ...before, pins })
}

/** Rows that the snapshot left out; what the stream told of them meanwhile is newer. */
export function applyRows(before: LiveData, rows: readonly RequestRow[]): LiveData {
  const requests = new Map(before.requests)
  for (const row of rows) if (row.version > (before.gone.get(row.id) ?? 0)) putRow(requests, row)
  return { ...before, requests }
}

/** Rows read for what no change tells, being late or stalled: they replace what is shown in the same version. */
export function applyJudged(before: LiveData, rows: readonly RequestRow[]): LiveData {
  const changed = rows.filter((row) => {
    const shown = before.requests.get(row.id)
    return shown?.version === row.version && (shown.is_late !== row.is_late || shown.is_stalled !== row.is_stalled)
  })
  if (changed.length === 0) return before
  const requests = new Map(before.requests)
  for (const row of changed) requests.set(row.id, row)
  return { ...before, requests }
}

export function applyFrames(before: LiveData, frames: readonly Frame[]): LiveData {
  let requests: Map<string, RequestRow> | undefined
  let gone: Map<string, number> | undefined
  let breakers: Map<string, VersionedBreaker> | undefined
  let stats = before.stats
  for (const frame of frames) {
    if (frame.type === 'request') {
      const { row, version } = frame.data
      if (version <= ((gone ?? before.gone).get(row.id) ?? 0)) continue
      if (version <= ((requests ?? before.requests).get(row.id)?.version ?? 0)) continue
      requests ??= new Map(before.requests)
      requests.set(row.id, row.version === version ? row : { ...row, version })
    } else if (frame.type === 'remove') {
      const { id, version } = frame.data
      gone ??= new Map(before.gone)
      gone.set(id, Math.max(version, gone.get(id) ?? 0))
      const shown = (requests ?? before.requests).get(id)
      if (shown && shown.version <= version) {
        requests ??= new Map(before.requests)
        requests.delete(id)
      }
    } else if (frame.type === 'circuit_breaker') {
      const { row, version } = frame.data
      const shown = (breakers ?? before.breakers).get(row.name)
      if (shown && version <= shown.version) continue
      breakers ??= new Map(before.breakers)
      breakers.set(row.name, { row, version })
    } else if (frame.type === 'stats') {
      stats = frame.data
    }
  }
  if (!requests && !gone && !breakers && stats === before.stats) return before
  return pruneEnded({
    requests: requests ?? before.requests,
    gone: gone ?? before.gone,
    pins: before.pins,
    breakers: breakers ?? before.breakers,
    breakersHidden: before.breakersHidden,
    stats,
  })
}

/** When the request ended, or 0 while it goes on. */
export function endedAtMs(row: RequestRow): number {
  const ended = row.completed_at ?? row.failed_at ?? row.cancelled_at
  return isEnded(row.status) ? Date.parse(ended ?? row.created_at) : 0
}

function putRow(requests: Map<string, RequestRow>, row: RequestRow): void {
  if (row.version > (requests.get(row.id)?.version ?? 0)) requests.set(row.id, row)
}

function pruneEnded(data: LiveData): LiveData {
  const pins = [...data.pins.values()]
  const ended: RequestRow[] = []
  for (const row of data.requests.values()) {
    if (isEnded(row.status) && !pins.some((ids) => ids.has(row.id))) ended.push(row)
  }
  if (ended.length <= ENDED_KEPT + ENDED_SLACK) return data
  ended.sort((a, b) => endedAtMs(b) - endedAtMs(a))
  const requests = new Map(data.requests)
  const gone = new Map(data.gone)
  for (const row of ended.slice(ENDED_KEPT)) {
    requests.delete(row.id)
    gone.set(row.id, row.version)
  }
  for (const id of gone.keys()) {
    if (gone.size <= GONE_KEPT) break
    gone.delete(id)
  }
  return { ...data, requests, gone }
}
