import { createDigestCheck } from './digestCheck.ts'
import { followTracker } from './followTracker.ts'
import type { Following, FollowOptions } from './followTracker.ts'
import { applyFound, applyFrames, applyJudged, applyRows, applySnapshot, emptyLiveData, forgetFound } from './liveData.ts'
import type { Frame, LiveData } from './liveData.ts'
import { keepJudging } from './keepJudging.ts'
import { listPages } from './loadSnapshot.ts'
import type { MonitoringApi, RequestQuery } from './monitoringApi.ts'
import { throttle } from './throttle.ts'

/** At most five paintings a second, however many frames come. */
const PAINT_INTERVAL_MS = 200
/** A cut this short is only worth a quiet mark; after it the page says that it is not live. */
export const GRACE_MS = 3_000
const FOUND_PAGES = 5

export type Connection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** `lastLiveMs`: local clock; absent when it has never been live. */
  | { kind: 'reconnecting' | 'stale'; lastLiveMs: number | undefined; message: string; retryAtMs: number }

export type LiveState = {
  data: LiveData
  connection: Connection
  /** False until the first snapshot is there. */
  loaded: boolean
  /** Server clock minus local clock. */
  clockOffsetMs: number
  /** Local clock; while set, `data` stands still. */
  pausedAtMs: number | undefined
  /** Requests that changed since the pause. */
  changesHeld: number
  /** Times that what was shown proved to be not what the tracker has: should stay 0. */
  divergences: number
}

export type LiveClient = ReturnType<typeof createLiveClient>
export type LiveClientOptions = {
  api: MonitoringApi
  timezone: string
  now?: () => number
  random?: () => number
  /** How it keeps in touch; default: a stream of its own. */
  follow?: (options: FollowOptions) => Following
}

/** The tracker's state as a store of immutable snapshots, in the shape of `useSyncExternalStore`. */
export function createLiveClient({ api, timezone, now = Date.now, random = Math.random, follow = followTracker }: LiveClientOptions) {
  let data = emptyLiveData
  let queue: Frame[] = []
  const changedWhilePaused = new Set<string>()
  const listeners = new Set<() => void>()
  let following: Following | undefined
  let stopJudging: (() => void) | undefined
  let grace: ReturnType<typeof setTimeout> | undefined
  let lastLiveMs: number | undefined
  let state: LiveState = {
    data,
    connection: { kind: 'connecting' },
    loaded: false,
    clockOffsetMs: 0,
    pausedAtMs: undefined,
    changesHeld: 0,
    divergences: 0,
  }
  const digests = createDigestCheck()

  const painting = throttle(paint, PAINT_INTERVAL_MS)

  function paint(): void {
    const frames = queue
    queue = []
    data = applyFrames(data, frames)
    if (state.pausedAtMs === undefined) set({ data })
    else {
      for (const frame of frames) if (frame.type === 'request') changedWhilePaused.add(frame.data.row.id)
      set({ changesHeld: changedWhilePaused.size })
    }
  }

  function set(change: Partial<LiveState>): void {
    const keys = Object.keys(change) as (keyof LiveState)[]
    if (keys.every((key) => state[key] === change[key])) return
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  /** What replaces data waits for no throttle; frames heard before it go first. */
  function replaceData(next: (before: LiveData) => LiveData): void {
    data = next(applyFrames(data, queue))
    queue = []
    painting.flush()
  }

  function hearTime(serverNow: string): void {
    const offsetMs = Date.parse(serverNow) - now()
    // The way here takes time too: small differences are noise, and each change repaints every clock.
    if (Math.abs(offsetMs - state.clockOffsetMs) > 250) set({ clockOffsetMs: offsetMs })
  }

  function start(): void {
    stopJudging ??= keepJudging(
      api,
      () => state.connection.kind === 'live',
      (rows) => replaceData((before) => applyJudged(before, rows)),
    )
    following ??= follow({
      api,
      timezone,
      now,
      random,
      on: {
        snapshot(snapshot) {
          digests.restart(snapshot.hasAllActive)
          replaceData((before) => applySnapshot(before, snapshot))
          set({ loaded: true })
        },
        rows(rows) {
          data = applyRows(applyFrames(data, queue.splice(0)), rows)
          painting.call()
        },
        allActive: () => digests.restart(true),
        frame(frame) {
          lastLiveMs = now()
          if (frame.type === 'heartbeat') {
            data = applyFrames(data, queue.splice(0))
            painting.call()
            if (digests.differsAgain(frame.data, data.requests.values())) {
              set({ divergences: state.divergences + 1 })
              following?.resync()
            }
          }
          if (frame.type === 'hello' || frame.type === 'heartbeat') hearTime(frame.data.now)
          else {
            queue.push(frame)
            painting.call()
          }
        },
        live() {
          clearTimeout(grace)
          grace = undefined
          set({ connection: { kind: 'live' } })
        },
        lost({ message, retryAtMs }) {
          const kind = state.connection.kind === 'stale' ? 'stale' : 'reconnecting'
          set({ connection: { kind, lastLiveMs, message, retryAtMs } })
          grace ??= setTimeout(() => {
            if (state.connection.kind === 'reconnecting') set({ connection: { ...state.connection, kind: 'stale' } })
          }, GRACE_MS)
        },
      },
    })
  }

  function stop(): void {
    following?.stop()
    following = undefined
    stopJudging?.()
    stopJudging = undefined
    clearTimeout(grace)
    grace = undefined
    painting.cancel()
  }

  function setPaused(paused: boolean): void {
    changedWhilePaused.clear()
    if (paused) set({ pausedAtMs: now() })
    else set({ pausedAtMs: undefined, changesHeld: 0, data })
  }

  /**
   * Asks the tracker for the requests that match and keeps them in the data until the same asker's next call, or
   * its `forget`.
   * `more`: there are older ones that were not read.
   */
  async function find(asker: object, query: RequestQuery, signal: AbortSignal): Promise<{ ids: Set<string>; more: boolean }> {
    const { rows, more } = await listPages(api, query, FOUND_PAGES, signal)
    replaceData((before) => applyFound(before, asker, rows))
    return { ids: new Set(rows.map((row) => row.id)), more }
  }

  function forget(asker: object): void {
    replaceData((before) => forgetFound(before, asker))
  }

  return {
    start,
    stop,
    setPaused,
    find,
    forget,
    /** After the network or the computer came back, or when the reader asks: try now. */
    wake: () => following?.wake(),
    getState: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
