import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { Bundle } from './Bundle.ts'
import { writeCursor } from './Cursor.ts'
import type { FeedReads, Look } from './FeedReads.ts'
import { toFrame } from './Frame.ts'
import type { Frame } from './Frame.ts'
import { frameFor, toBreakerFrame, toFramedChange } from './Listener.ts'
import type { Listener } from './Listener.ts'
import { restAfter } from './restAfter.ts'
import { createStatsTeller } from './createStatsTeller.ts'
import { toInflightQuery } from './StreamFilter.ts'

export const HEARTBEAT_MS = 10_000

export type FeedOptions = {
  /** Between two looks while anyone listens. */
  pollMs?: number
  heartbeatMs?: number
  /** A look failed: it is tried again, and listeners hear nothing until one succeeds. */
  onError: (error: unknown) => void
  /** Listeners were told of what somebody woke us for so long ago. */
  onTold?: (sinceWokenMs: number) => void
}

export type Position = { epoch: string; xmin: string; snapshot: string }

export type ChangeFeed = {
  /** Adds a listener; it hears of every change after the position returned. Rejects when the database can't be read. */
  join: (listener: Listener) => Promise<Position>
  leave: (listener: Listener) => void
  /** A hint that something was committed: look now, not at the next turn. */
  wake: () => void
  listeners: () => Iterable<Listener>
  size: () => number
  /** Stops looking; listeners stay as they are. */
  stop: () => void
}

const RETRY_MS = 1_000
/** Telling ten thousand listeners takes a tenth of a second, in which posts shall not wait. */
const MAX_TELLING_MS = 8

/**
 * Tells listeners of every committed change, one reading for all. Delivery does not wait for older transactions, the
 * cursor does: frames carry the cursor of the look before theirs, so whoever has only some frames of a look and
 * resumes there gets the others again.
 */
export function createChangeFeed(reads: FeedReads, options: FeedOptions): ChangeFeed {
  const { pollMs = 100, heartbeatMs = HEARTBEAT_MS, onError, onTold } = options
  const listeners = new Set<Listener>()
  const stats = createStatsTeller(reads, () => listeners, onError)
  let position: Position | undefined
  let looking: Promise<void> | undefined
  const stopping = new AbortController()
  let running = false
  let woken = Promise.withResolvers<void>()
  let nextHeartbeatMs = 0
  /** The first wake that no look has followed yet. */
  let wokenAtMs: number | undefined
  let foundChanges = false

  /** Whoever joins meanwhile has joined at the look that is told, and needs nothing of it. */
  async function tellEach(bundleFor: (listener: Listener, empty: Bundle) => Bundle): Promise<void> {
    const empty = Bundle.empty()
    let turnBegunMs = performance.now()
    const told = Array.from(listeners)
    for (const listener of told) {
      listener.outbox.send(bundleFor(listener, empty))
      if (performance.now() - turnBegunMs < MAX_TELLING_MS) continue
      await nextTurn()
      turnBegunMs = performance.now()
    }
  }

  const broadcast = (frame: Frame): Promise<void> => tellEach((_listener, empty) => empty.with(frame))

  async function look(): Promise<void> {
    const startedMs = performance.now()
    const tellingSinceMs = wokenAtMs
    wokenAtMs = undefined
    const isHeartbeat = startedMs >= nextHeartbeatMs
    const queries = new Map<string, ReturnType<typeof toInflightQuery>>()
    if (isHeartbeat) {
      for (const { filter } of listeners) {
        const query = toInflightQuery(filter)
        queries.set(query.key, query)
      }
    }
    const seen = await reads.look(position?.snapshot, { inflight: [...queries.values()], allBreakers: isHeartbeat })
    const before = position
    position = { epoch: seen.epoch, xmin: seen.xmin, snapshot: seen.snapshot }
    foundChanges = seen.requests === undefined || seen.requests.length > 0
    if (before === undefined) return
    if (seen.epoch === before.epoch && BigInt(seen.xmin) >= BigInt(before.xmin)) await tell(seen, writeCursor(before))
    else await broadcast(toFrame('reset', { reason: 'epoch' }, writeCursor(seen)))
    if (tellingSinceMs !== undefined) onTold?.(performance.now() - tellingSinceMs)
    if (isHeartbeat) {
      await beat(seen, performance.now() - startedMs)
      nextHeartbeatMs = startedMs + heartbeatMs
    }
  }

  async function tell(seen: Look, cursor: string): Promise<void> {
    const breakers = seen.breakers.map((breaker) => toBreakerFrame(breaker, cursor))
    const changes = seen.requests?.map((change) => toFramedChange(change, cursor))
    const overflow = changes === undefined ? [toFrame('reset', { reason: 'overflow' }, cursor)] : []
    if (breakers.length === 0 && overflow.length === 0 && changes?.length === 0) return
    await tellEach((listener, empty) => {
      let bundle = empty
      if (listener.viewer.organization === undefined) for (const frame of breakers) bundle = bundle.with(frame)
      for (const frame of overflow) bundle = bundle.with(frame)
      for (const change of changes ?? []) {
        const frame = frameFor(listener, change)
        if (frame !== undefined) bundle = bundle.with(frame)
      }
      return bundle
    })
    if (changes !== undefined && changes.length > 0) stats.mark()
  }

  async function beat(seen: Look, lagMs: number): Promise<void> {
    const cursor = writeCursor(seen)
    const frames = new Map<string, Frame>()
    for (const [key, { count, digest }] of Object.entries(seen.inflight)) {
      const data = { cursor, now: seen.now, lag_ms: Math.round(lagMs), inflight_count: count, inflight_digest: digest }
      frames.set(key, toFrame('heartbeat', data, cursor))
    }
    await tellEach(({ filter }, empty) => {
      const frame = frames.get(toInflightQuery(filter).key)
      return frame === undefined ? empty : empty.with(frame)
    })
    // What is today changes at midnight, and without any change in the log.
    stats.mark()
  }

  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function run(): Promise<void> {
    running = true
    while (listeners.size > 0 && !stopping.signal.aborted) {
      try {
        const startedMs = performance.now()
        await lookOnce()
        stats.tell()
        const rest = restAfter(performance.now() - startedMs, foundChanges, pollMs)
        await sleep(rest.atLeastMs)
        await Promise.race([woken.promise, sleep(rest.atMostMs - rest.atLeastMs)])
        woken = Promise.withResolvers()
      } catch (error) {
        onError(error)
        await sleep(RETRY_MS)
      }
    }
    running = false
    position = undefined
  }

  return {
    async join(listener) {
      listeners.add(listener)
      try {
        if (position === undefined) await lookOnce()
      } catch (error) {
        listeners.delete(listener)
        throw error
      }
      if (position === undefined) throw new Error('A look gave no position')
      if (!running) void run()
      return position
    },
    leave: (listener) => listeners.delete(listener),
    wake: () => {
      if (listeners.size > 0) wokenAtMs ??= performance.now()
      woken.resolve()
    },
    listeners: () => listeners,
    size: () => listeners.size,
    stop: () => {
      stopping.abort()
      woken.resolve()
    },
  }
}
