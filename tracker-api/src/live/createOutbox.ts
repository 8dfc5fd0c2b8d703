import { Bundle } from './Bundle.ts'
import { toFrame } from './Frame.ts'
import type { Frame } from './Frame.ts'

/** What a stream is written to. */
export type StreamSocket = {
  /** False: wait for `drain` before writing more. */
  write: (bundle: Bundle) => boolean
  end: () => void
  destroy: () => void
  on: (event: 'drain' | 'close', listener: () => void) => void
}

export type Outbox = {
  /** All in one write, where the reader keeps up. */
  send: (bundle: Bundle) => void
  /**
   * Writes the beginning of the stream, and then what was sent meanwhile: an outbox begins by holding back, for what is
   * written before the answer's headers would send others. False: the stream has ended.
   */
  release: (beginning: readonly Frame[]) => boolean
  /** Writes a last frame and ends the stream; where that has not begun, once it has. */
  finish: (last: Frame) => void
}

export type OutboxLimits = {
  /** Characters waiting for a slow reader, at most. */
  maxWaiting: number
  /** How long a reader may take nothing at all, in milliseconds. */
  maxStuckMs: number
}

export const OUTBOX_LIMITS: OutboxLimits = { maxWaiting: 256 * 1024, maxStuckMs: 30_000 }

/**
 * Frames on their way to one reader. While the reader is slow they wait, of each request only the newest state;
 * when they get too many they are dropped and the reader gets `reset` instead, with the cursor of the last frame that
 * it did get. A reader that takes nothing for long is cut off. So a slow reader costs bounded memory and nobody else.
 */
export function createOutbox(socket: StreamSocket, limits: OutboxLimits = OUTBOX_LIMITS): Outbox {
  const waiting = new Map<string, Frame>()
  let waitingLength = 0
  let overflowed = false
  let held = true
  let ended = false
  let lastOfHeld: Frame | undefined
  let stuck: NodeJS.Timeout | undefined
  let lastCursor: string | undefined

  socket.on('drain', () => {
    clearTimeout(stuck)
    stuck = undefined
    flush()
  })
  socket.on('close', end)

  function end(): void {
    ended = true
    clearTimeout(stuck)
    waiting.clear()
  }

  function write(bundle: Bundle): void {
    if (bundle.frames.length === 0) return
    lastCursor = bundle.frames.findLast((frame) => frame.cursor !== undefined)?.cursor ?? lastCursor
    if (!socket.write(bundle)) stuck ??= setTimeout(() => socket.destroy(), limits.maxStuckMs).unref()
  }

  function flush(): void {
    if (overflowed) {
      overflowed = false
      write(new Bundle([toFrame('reset', { reason: 'overflow' }, lastCursor)]))
      return
    }
    const bundle = new Bundle([...waiting.values()])
    waiting.clear()
    waitingLength = 0
    write(bundle)
  }

  function wait(frame: Frame): void {
    if (overflowed) return
    waitingLength += frame.text.length - (waiting.get(frame.key)?.text.length ?? 0)
    // To the end: a reader that has this frame must have all that were sent before it.
    waiting.delete(frame.key)
    waiting.set(frame.key, frame)
    if (waitingLength <= limits.maxWaiting) return
    waiting.clear()
    waitingLength = 0
    overflowed = true
  }

  function finish(last: Frame): void {
    if (ended) return
    if (held) {
      lastOfHeld = last
      return
    }
    socket.write(new Bundle([last]))
    socket.end()
    end()
  }

  return {
    send(bundle) {
      if (ended) return
      if (held || stuck !== undefined) bundle.frames.forEach(wait)
      else write(bundle)
    },
    release(beginning) {
      if (ended) return false
      held = false
      write(new Bundle(beginning))
      if (stuck === undefined) flush()
      if (lastOfHeld !== undefined) finish(lastOfHeld)
      return !ended
    },
    finish,
  }
}
