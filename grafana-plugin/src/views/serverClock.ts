import { createContext, useContext, useMemo, useSyncExternalStore } from 'react'

import type { LiveState } from '../client/liveClient.ts'

export type ServerClock = {
  /** Server clock minus local clock. */
  offsetMs: number
  /** Local clock: where time stands still because the page is paused or not live. */
  frozenAtMs: number | undefined
}

/** Elapsed times run on the tracker's clock, so that a wrong local clock does not age every request. */
export const ServerClockContext = createContext<ServerClock>({ offsetMs: 0, frozenAtMs: undefined })

/** Time stands still with the data: what we do not hear of we do not age. */
export function useServerClock({ connection, clockOffsetMs, pausedAtMs }: LiveState): ServerClock {
  const staleAtMs = connection.kind === 'stale' ? connection.lastLiveMs : undefined
  const frozenAtMs = pausedAtMs ?? staleAtMs
  return useMemo(() => ({ offsetMs: clockOffsetMs, frozenAtMs }), [clockOffsetMs, frozenAtMs])
}

/** The server's time, renewed each second. */
export function useServerNow(): number {
  const { offsetMs, frozenAtMs } = useContext(ServerClockContext)
  const localMs = useSyncExternalStore(subscribeToTicks, currentTick)
  return (frozenAtMs ?? localMs) + offsetMs
}

/** The local time, renewed each second and never frozen. */
export function useLocalNow(): number {
  return useSyncExternalStore(subscribeToTicks, currentTick)
}

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let tickMs = 0

function currentTick(): number {
  if (timer === undefined || tickMs === 0) tickMs = Date.now()
  return tickMs
}

/** One timer for all clocks of the page. */
function subscribeToTicks(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    tickMs = Date.now()
    for (const notify of listeners) notify()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
