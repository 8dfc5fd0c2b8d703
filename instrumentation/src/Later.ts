import { AsyncLocalStorage } from 'node:async_hooks'
import { makeWarnOnce } from './warnOnce.ts'

/** Beyond it the caller does the oldest work itself, so that a burst grows nothing. */
const MAX_WAITING = 4096
/** How long the host's event loop is held at a time. */
const SLICE_MS = 1
/** Looking at the clock costs as much as a small action. */
const ACTIONS_PER_LOOK = 8

/** The host's own async context must not live on in our callback. */
const outsideOfAll = AsyncLocalStorage.snapshot()

/**
 * Work that nobody waits for, done in its order once the event loop has nothing more urgent. A call into OpenTelemetry's
 * SDK after a pause takes some 60 µs, nearly all of it code that is no longer in the processor's caches; keeping it off
 * the caller's path takes that from the caller, and doing many in a row from the process.
 *
 * Only while {@link on}: a host with a set-up of its own flushes and exits without asking us, so there all is done at once.
 */
export class Later {
  readonly #warnOnce = makeWarnOnce()
  #waiting: (() => void)[] = []
  #next = 0
  #isOn = false
  #isAtWork = false
  #isScheduled = false

  /** What is handed in now is done later, and not, as in an action, at once. */
  get on(): boolean {
    return this.#isOn && !this.#isAtWork
  }

  start(): void {
    this.#isOn = true
  }

  /** Does what waits, and from now on all at once. */
  stop(): void {
    this.#isOn = false
    this.drain()
  }

  /** In an action that runs already it is done at once. One that throws is one warning, or the caller's if done at once. */
  run(action: () => void): void {
    if (!this.on) {
      action()
      return
    }
    this.#waiting.push(action)
    if (this.#waiting.length - this.#next > MAX_WAITING) this.#runNext()
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#wake)
  }

  /** Does all that waits, now. */
  drain(): void {
    while (this.#next < this.#waiting.length) this.#runNext()
    this.#waiting = []
    this.#next = 0
  }

  readonly #wake = (): void => outsideOfAll(() => this.#slice())

  #slice(): void {
    const endMs = performance.now() + SLICE_MS
    while (this.#next < this.#waiting.length && performance.now() < endMs) {
      for (let count = 0; count < ACTIONS_PER_LOOK && this.#next < this.#waiting.length; count += 1) this.#runNext()
    }
    this.#isScheduled = this.#next < this.#waiting.length
    if (this.#isScheduled) setImmediate(this.#wake)
    else this.drain()
  }

  #runNext(): void {
    const action = this.#waiting[this.#next]
    this.#next += 1
    this.#isAtWork = true
    try {
      action?.()
    } catch (error) {
      this.#warnOnce('later', 'an event or a span could not be told; further faults of this kind are not reported.', error)
    }
    this.#isAtWork = false
  }
}

/** Of this process. */
export const later = new Later()
