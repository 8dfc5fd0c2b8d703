import { HEARTBEAT_MS } from './createChangeFeed.ts'
import type { ChangeFeed } from './createChangeFeed.ts'
import { createOutbox } from './createOutbox.ts'
import type { StreamSocket } from './createOutbox.ts'
import { parseCursor, writeCursor } from './Cursor.ts'
import type { FeedReads, Missed } from './FeedReads.ts'
import { toFrame } from './Frame.ts'
import type { Frame } from './Frame.ts'
import { frameFor, toBreakerFrame, toFramedChange } from './Listener.ts'
import type { Listener } from './Listener.ts'
import type { Viewer } from './Viewer.ts'
import type { StreamFilter } from './StreamFilter.ts'

/** A stream is closed at this age, ± 20 %, so that clients spread over replicas again. */
const MAX_AGE_MS = 15 * 60_000

export type StreamWish = {
  viewer: Viewer
  filter: StreamFilter
  /** An IANA name, already checked. */
  timezone: string
  /** Where the reader was: `<epoch>.<xmin>`, or anything, for it comes from outside. */
  cursor: string | undefined
}

/**
 * Joins a reader to the feed. Nothing is written before the returned function is called, so that an error can still
 * be answered; from then on the reader gets, in this order: what it missed since its cursor or a `reset`, what
 * happened meanwhile, and everything that happens.
 * Rejects when the database can't be read.
 */
export async function openStream(
  feed: ChangeFeed,
  reads: FeedReads,
  socket: StreamSocket,
  { viewer, filter, timezone, cursor }: StreamWish,
  random: () => number = Math.random,
): Promise<() => void> {
  const listener: Listener = { viewer, filter, timezone, outbox: createOutbox(socket), hidden: new Set() }
  socket.on('close', () => feed.leave(listener))
  try {
    const position = await feed.join(listener)
    const from = cursor === undefined ? undefined : parseCursor(cursor)
    const missed = from === undefined ? undefined : await reads.missed(from.epoch, from.xmin)
    const resumes = from !== undefined && missed !== undefined && 'requests' in missed
    // The reader keeps its own cursor until it has all that it missed.
    const at = writeCursor(resumes ? from : position)
    const hello = { epoch: position.epoch, cursor: at, now: new Date().toISOString(), heartbeat_ms: HEARTBEAT_MS }
    const beginning = [
      { key: 'retry', cursor: undefined, text: `retry: ${2_000 + Math.floor(random() * 4_000)}\n\n` },
      toFrame('hello', hello, at),
      ...toMissedFrames(listener, missed, at),
    ]
    return () => {
      if (!listener.outbox.release(beginning)) return
      const age = setTimeout(() => sayBye(listener, 'max_age', random), MAX_AGE_MS * (0.8 + 0.4 * random())).unref()
      socket.on('close', () => clearTimeout(age))
    }
  } catch (error) {
    feed.leave(listener)
    throw error
  }
}

/** Tells every reader to come back later, perhaps to another replica, and ends their streams. */
export function drainStreams(feed: ChangeFeed, random: () => number = Math.random): void {
  for (const listener of feed.listeners()) {
    sayBye(listener, 'drain', random)
    feed.leave(listener)
  }
  feed.stop()
}

function sayBye({ outbox }: Listener, reason: 'drain' | 'max_age', random: () => number): void {
  outbox.finish(toFrame('bye', { reason, retry_ms: 500 + Math.floor(random() * 2_500) }, undefined))
}

function toMissedFrames(listener: Listener, missed: Missed | undefined, cursor: string): Frame[] {
  if (missed === undefined) return [toFrame('reset', { reason: 'no_cursor' }, cursor)]
  if ('reason' in missed) return [toFrame('reset', { reason: missed.reason }, cursor)]
  return [
    ...(listener.viewer.organization === undefined ? missed.breakers.map((breaker) => toBreakerFrame(breaker, cursor)) : []),
    ...missed.requests.flatMap((change) => frameFor(listener, toFramedChange(change, cursor)) ?? []),
  ]
}
