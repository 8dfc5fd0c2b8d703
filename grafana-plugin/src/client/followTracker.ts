import type { RequestRow } from '@vividly/tracker-api/contract'

import { ApiError } from './apiError.ts'
import type { Frame, Snapshot } from './liveData.ts'
import { loadSnapshot, readRest } from './loadSnapshot.ts'
import type { MonitoringApi } from './monitoringApi.ts'
import { readFrames } from './readFrames.ts'
import { retryDelayMs } from './retryDelay.ts'

/** The tracker sends a heartbeat each 10 s; a stream this silent is dead, whatever the socket says. */
export const SILENCE_MS = 25_000
/** A stream must have lived this long before its end counts as a first failure again. */
const HEALTHY_MS = 10_000

export type TrackerEvents = {
  snapshot(snapshot: Snapshot): void
  /** More of what is in flight, as the tracker had it after the snapshot. */
  rows(rows: readonly RequestRow[]): void
  /** With these, all that is in flight has been read. */
  allActive(): void
  frame(frame: Frame): void
  live(): void
  lost(why: { message: string; retryAtMs: number }): void
}

export type FollowOptions = {
  api: MonitoringApi
  timezone: string
  on: TrackerEvents
  now: () => number
  /** 0 to 1 */
  random: () => number
}

export type Following = {
  stop(): void
  /** Ends a wait for the next try; cuts a stream that has been silent for too long, e.g. after a sleep. */
  wake(): void
  /** Reads a fresh snapshot while the stream goes on: what is shown has proved wrong. */
  resync(): void
}

/**
 * Keeps in touch with the tracker until stopped: a snapshot, then the stream from the snapshot's cursor, again
 * and again. After `reset` it reads a fresh snapshot while holding the frames back, and passes both on in order.
 */
export function followTracker({ api, timezone, on, now, random }: FollowOptions): Following {
  const stop = new AbortController()
  let cursor: string | undefined
  let attempt = 0
  let lastHeardMs = 0
  let cut: AbortController | undefined
  let endWait: (() => void) | undefined
  let resyncNow: (() => void) | undefined
  let reading = new AbortController()

  function begin({ snapshot, next }: { snapshot: Snapshot; next: string | null }): void {
    reading.abort()
    reading = new AbortController()
    on.snapshot(snapshot)
    if (next !== null) void complete(next, AbortSignal.any([stop.signal, reading.signal]))
  }

  async function complete(next: string, signal: AbortSignal): Promise<void> {
    try {
      await readRest(api, next, (rows) => on.rows(rows), signal)
      on.allActive()
    } catch (error) {
      if (signal.aborted) return
      // Half of it is no state to stay with.
      cursor = undefined
      cut?.abort(error)
    }
  }

  /** @returns how long the tracker wants us to stay away, ms */
  async function streamOnce(): Promise<number> {
    cut = new AbortController()
    const signal = AbortSignal.any([stop.signal, cut.signal])
    const silence = startSilenceTimer(cut)
    let retryMs = 0
    let held: { frames: Frame[]; cursor: string | undefined } | undefined

    async function resync(into: AbortController): Promise<void> {
      held = { frames: [], cursor: undefined }
      cursor = undefined
      try {
        const fresh = await loadSnapshot(api, timezone, signal)
        begin(fresh)
        for (const frame of held.frames) on.frame(frame)
        cursor = held.cursor ?? fresh.cursor
        held = undefined
      } catch (error) {
        into.abort(error)
      }
    }

    const startResync = (): void => {
      if (!held && cut) void resync(cut)
    }
    resyncNow = startResync
    try {
      const response = await api.openStream(cursor, timezone, signal)
      if (!response.body) throw new ApiError('The tracker sent a stream without a body.')
      await readFrames(response.body, (frame, frameCursor) => {
        lastHeardMs = now()
        silence.restart()
        if (frame.type === 'hello') on.live()
        else if (frame.type === 'bye') retryMs = frame.data.retry_ms
        else if (frame.type === 'reset') startResync()
        if (held) {
          held.frames.push(frame)
          held.cursor = frameCursor ?? held.cursor
        } else {
          cursor = frameCursor ?? cursor
          on.frame(frame)
        }
      })
    } catch (error) {
      throw cut.signal.aborted ? cut.signal.reason : error
    } finally {
      silence.stop()
      resyncNow = undefined
      cut.abort()
    }
    return retryMs
  }

  function wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      endWait = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      const startedMs = now()
      let message = 'The stream ended.'
      let wishMs = 0
      try {
        if (cursor === undefined) {
          const loaded = await loadSnapshot(api, timezone, stop.signal)
          cursor = loaded.cursor
          begin(loaded)
        }
        wishMs = await streamOnce()
      } catch (error) {
        if (stop.signal.aborted) return
        message = error instanceof Error ? error.message : String(error)
        if (error instanceof ApiError) {
          wishMs = error.retryAfterMs ?? 0
          // A refused cursor (expired, or of another database) is of no more use.
          if (error.status !== undefined && error.status < 500 && error.status !== 429) cursor = undefined
        }
      }
      attempt = now() - startedMs > HEALTHY_MS ? 1 : attempt + 1
      const delayMs = retryDelayMs(attempt, random(), wishMs)
      on.lost({ message, retryAtMs: now() + delayMs })
      await wait(delayMs)
    }
  }

  void follow()
  return {
    stop() {
      stop.abort()
      endWait?.()
    },
    resync: () => resyncNow?.(),
    wake() {
      endWait?.()
      if (now() - lastHeardMs > SILENCE_MS) cut?.abort(new Error('The stream was silent.'))
    },
  }
}

function startSilenceTimer(cut: AbortController): { restart(): void; stop(): void } {
  const start = () =>
    setTimeout(() => cut.abort(new Error(`Nothing heard for ${SILENCE_MS / 1000} s.`)), SILENCE_MS)
  let timer = start()
  return {
    restart() {
      clearTimeout(timer)
      timer = start()
    },
    stop: () => clearTimeout(timer),
  }
}
