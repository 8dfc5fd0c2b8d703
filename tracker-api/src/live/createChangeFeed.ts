import { setTimeout as sleep } from 'node:timers/promises'
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

/**
 * Tells listeners of every committed change, one reading for all. Delivery does not wait for older transactions, the
 * cursor does: frames carry the cursor of the look before theirs, so whoever has only some frames of a look and
 * resumes there gets the others again.
 */
export function createChangeFeed(reads: FeedReads, options: FeedOptions): ChangeFeed {
  const { pollMs = 100, heartbeatMs = HEARTBEAT_MS, onError } = options
  const listeners = new Set<Listener>()
  const stats = createStatsTeller(reads, () => listeners, onError)
  let position: Position | undefined
  let looking: Promise<void> | undefined
  const stopping = new AbortController()
  let running = false
  let woken = Promise.withResolvers<void>()
  let nextHeartbeatMs = 0
  let foundChanges = false

  function broadcast(frame: Frame): void {
    for (const { outbox } of listeners) outbox.send(frame)
  }

  async function look(): Promise<void> {
    const startedMs = performance.now()
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
    if (seen.epoch === before.epoch && BigInt(seen.xmin) >= BigInt(before.xmin)) tell(seen, writeCursor(before))
    else broadcast(toFrame('reset', { reason: 'epoch' }, writeCursor(seen)))
    if (isHeartbeat) {
      beat(seen, performance.now() - startedMs)
      nextHeartbeatMs = startedMs + heartbeatMs
    }
  }

  function tell(seen: Look, cursor: string): void {
    for (const breaker of seen.breakers) {
      const frame = toBreakerFrame(breaker, cursor)
      for (const { viewer, outbox } of listeners) if (viewer.organization === undefined) outbox.send(frame)
    }
    if (seen.requests === undefined) {
      broadcast(toFrame('reset', { reason: 'overflow' }, cursor))
      return
    }
    for (const change of seen.requests) {
      const framed = toFramedChange(change, cursor)
      for (const listener of listeners) {
        const frame = frameFor(listener, framed)
        if (frame !== undefined) listener.outbox.send(frame)
      }
    }
    if (seen.requests.length > 0) stats.mark()
  }

  function beat(seen: Look, lagMs: number): void {
    const cursor = writeCursor(seen)
    const frames = new Map<string, Frame>()
    for (const [key, { count, digest }] of Object.entries(seen.inflight)) {
      const data = { cursor, now: seen.now, lag_ms: Math.round(lagMs), inflight_count: count, inflight_digest: digest }
      frames.set(key, toFrame('heartbeat', data, cursor))
    }
    for (const { filter, outbox } of listeners) {
      const frame = frames.get(toInflightQuery(filter).key)
      if (frame !== undefined) outbox.send(frame)
    }
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
    wake: () => woken.resolve(),
    listeners: () => listeners,
    size: () => listeners.size,
    stop: () => {
      stopping.abort()
      woken.resolve()
    },
  }
}
