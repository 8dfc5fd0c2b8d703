import type { RequestRow } from '@vividly/tracker-api/contract'

import { followTracker, SILENCE_MS } from './followTracker.ts'
import type { Following, FollowOptions, TrackerEvents } from './followTracker.ts'
import type { Frame, Snapshot } from './liveData.ts'
import { loadSnapshot, readRest } from './loadSnapshot.ts'
import { retryDelayMs } from './retryDelay.ts'

type Lost = { message: string; retryAtMs: number }
type Told =
  | { type: 'snapshot'; snapshot: Snapshot }
  | { type: 'rows'; rows: readonly RequestRow[] }
  | { type: 'frame'; frame: Frame }
  | { type: 'lost'; why: Lost }
  | { type: 'allActive' | 'live' }
/** `who` asks how things stand; `here` says that the tab with the stream is not asleep. */
type Message = Told | { type: 'who' } | { type: 'here' } | { type: 'wake' }

/** The tab with the stream says at least so often that it is there. */
const HERE_MS = 10_000

/**
 * As {@link followTracker}, with one stream for all tabs of a browser: the tab that holds the lock `name` follows the
 * tracker and tells the others what it hears. Another reads its own snapshot, then applies what it is told; as frames are
 * states with versions, what comes twice or early does no harm. When the tab with the stream closes, another gets the
 * lock; when it falls asleep, another takes it. Where a browser has no locks (plain http), each tab has its own stream.
 */
export function followTogether(options: FollowOptions, name: string): Following {
  if (typeof BroadcastChannel === 'undefined' || !('locks' in navigator)) return followTracker(options)
  const { api, timezone, on, now, random } = options
  const channel = new BroadcastChannel(name)
  const stop = new AbortController()
  let following: Following | undefined
  let standing: Told | undefined
  /** What was told while our own snapshot is being read. */
  let held: Told[] | undefined
  let joining = new AbortController()
  let silence: ReturnType<typeof setTimeout> | undefined

  const say = (message: Message) => stop.signal.aborted || channel.postMessage(message)

  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (following) {
      if (data.type === 'who' && standing) say(standing)
      else if (data.type === 'wake') following.wake()
      return
    }
    if (data.type === 'who' || data.type === 'wake') return
    listenForSilence()
    if (data.type === 'here') return
    if (held) held.push(data)
    else hear(data)
  })

  function hear(told: Told): void {
    // From here on what is told completes that snapshot, not ours.
    if (told.type === 'snapshot') joining.abort()
    apply(on, told)
  }

  /** Follows the tracker for all tabs until this one stops or another takes the lock. */
  async function lead(): Promise<void> {
    clearTimeout(silence)
    joining.abort()
    held = undefined
    const tell = (told: Told) => {
      if (told.type === 'live' || told.type === 'lost') standing = told
      apply(on, told)
      say(told)
    }
    following = followTracker({ ...options, on: toEvents(tell) })
    const here = setInterval(() => say({ type: 'here' }), HERE_MS)
    try {
      await new Promise<void>((resolve) => {
        stop.signal.addEventListener('abort', () => resolve())
        leaveLead = resolve
      })
    } finally {
      clearInterval(here)
      following.stop()
      following = undefined
    }
  }
  let leaveLead: (() => void) | undefined

  /** Reads where things stand, beside what the tab with the stream tells. */
  async function join(): Promise<void> {
    joining.abort()
    joining = new AbortController()
    const signal = AbortSignal.any([stop.signal, joining.signal])
    say({ type: 'who' })
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      held = []
      try {
        const { snapshot, next } = await loadSnapshot(api, timezone, signal)
        if (signal.aborted) return
        on.snapshot(snapshot)
        const early = held
        held = undefined
        for (const told of early) hear(told)
        if (next !== null) await readRest(api, next, (rows) => on.rows(rows), signal)
        if (!signal.aborted && next !== null) on.allActive()
        return
      } catch (error) {
        if (signal.aborted) return
        held = undefined
        const delayMs = retryDelayMs(attempt, random(), 0)
        on.lost({ message: error instanceof Error ? error.message : String(error), retryAtMs: now() + delayMs })
        await new Promise((resolve) => {
          setTimeout(resolve, delayMs)
        })
      }
    }
  }

  function listenForSilence(): void {
    clearTimeout(silence)
    silence = setTimeout(() => void hold({ steal: true }), SILENCE_MS)
  }

  /** Leads as soon as the lock is ours; once it is taken from us, listens again. */
  async function hold(how: { steal?: true; ifAvailable?: true }): Promise<void> {
    waiting.abort()
    waiting = new AbortController()
    const signal = AbortSignal.any([stop.signal, waiting.signal])
    let isOurs = true
    try {
      await navigator.locks.request(name, 'steal' in how || 'ifAvailable' in how ? how : { signal }, async (lock) => {
        isOurs = lock !== null
        if (lock !== null && !stop.signal.aborted) await lead()
      })
    } catch {
      // Taken by another tab, which heard nothing of us for too long; or given up, in `waiting`.
      leaveLead?.()
      if (signal.aborted) return
      isOurs = false
    }
    if (isOurs || stop.signal.aborted) return
    listenForSilence()
    void hold({})
    await join()
  }
  let waiting = new AbortController()

  void hold({ ifAvailable: true })
  return {
    stop() {
      stop.abort()
      clearTimeout(silence)
      channel.close()
    },
    wake() {
      if (following) following.wake()
      else say({ type: 'wake' })
    },
    resync() {
      if (following) following.resync()
      else void join()
    },
  }
}

function toEvents(tell: (told: Told) => void): TrackerEvents {
  return {
    snapshot: (snapshot) => tell({ type: 'snapshot', snapshot }),
    rows: (rows) => tell({ type: 'rows', rows }),
    allActive: () => tell({ type: 'allActive' }),
    frame: (frame) => tell({ type: 'frame', frame }),
    live: () => tell({ type: 'live' }),
    lost: (why) => tell({ type: 'lost', why }),
  }
}

function apply(on: TrackerEvents, told: Told): void {
  if (told.type === 'snapshot') on.snapshot(told.snapshot)
  else if (told.type === 'rows') on.rows(told.rows)
  else if (told.type === 'frame') on.frame(told.frame)
  else if (told.type === 'lost') on.lost(told.why)
  else if (told.type === 'live') on.live()
  else on.allActive()
}
