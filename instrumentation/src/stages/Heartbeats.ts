import { AsyncLocalStorage } from 'node:async_hooks'
import { warn } from '../warnOnce.ts'
import { EventLoopLag } from './EventLoopLag.ts'

export type Beating = {
  /** Tells that it is alive, and asks for its next beat. */
  beat(): void
}

/** Beats are told in ticks of this length, up to one tick late. */
export const TICK_MS = 250
/** Default time between two signs of life of a running stage. */
export const HEARTBEAT_INTERVAL_MS = 10_000
/** Its fractions of whole numbers lie evenly, however many there are (Knuth, TAOCP 6.4). */
const GOLDEN_RATIO = 0.618_033_988_749_895

/** The host's own async context must not live on in our timer. */
const outsideOfAll = AsyncLocalStorage.snapshot()

/**
 * A calendar of what is to beat when, with one timer for all, which runs only while something is in it and never
 * keeps the process alive. An entry costs two map slots and no timer and no closure.
 */
export class Heartbeats {
  readonly #byTick = new Map<number, Set<Beating>>()
  readonly #tickOf = new Map<Beating, number>()
  readonly #lag = new EventLoopLag(HEARTBEAT_INTERVAL_MS / TICK_MS)
  #timer: NodeJS.Timeout | undefined
  #tick = 0
  #phase = 0

  get size(): number {
    return this.#tickOf.size
  }

  /** The event loop's worst delay in the last ten seconds. */
  get eventLoopLagMs(): number {
    return this.#lag.worstMs
  }

  /** In place of an earlier entry. */
  schedule(beating: Beating, delayMs: number): void {
    this.cancel(beating)
    this.#start()
    const tick = Math.max(this.#tick + 1, Math.ceil((performance.now() + delayMs) / TICK_MS))
    this.#tickOf.set(beating, tick)
    const due = this.#byTick.get(tick)
    if (due === undefined) this.#byTick.set(tick, new Set([beating]))
    else due.add(beating)
  }

  /** The first beat of one that has just begun, in the second half of its interval: thousands that began at once part. */
  scheduleFirst(beating: Beating, intervalMs: number): void {
    this.#phase = (this.#phase + GOLDEN_RATIO) % 1
    this.schedule(beating, intervalMs * (0.5 + this.#phase / 2))
  }

  cancel(beating: Beating): void {
    const tick = this.#tickOf.get(beating)
    if (tick === undefined) return
    this.#tickOf.delete(beating)
    const due = this.#byTick.get(tick)
    due?.delete(beating)
    if (due?.size === 0) this.#byTick.delete(tick)
  }

  #start(): void {
    if (this.#timer !== undefined) return
    this.#tick = Math.floor(performance.now() / TICK_MS)
    this.#lag.start()
    this.#timer = outsideOfAll(() => setInterval(() => this.#advance(), TICK_MS))
    this.#timer.unref()
  }

  #advance(): void {
    this.#lag.next()
    const now = Math.floor(performance.now() / TICK_MS)
    while (this.#tick < now) {
      this.#tick += 1
      const due = this.#byTick.get(this.#tick)
      if (due === undefined) continue
      this.#byTick.delete(this.#tick)
      for (const beating of due) this.#beat(beating)
    }
    if (this.size === 0) this.#stop()
  }

  #beat(beating: Beating): void {
    this.#tickOf.delete(beating)
    try {
      beating.beat()
    } catch (error) {
      warn('a heartbeat could not be told, and no further one of its stage will be.', error)
    }
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#byTick.clear()
    this.#lag.stop()
  }
}

/** Of this process: all its trackers share the timer. */
export const heartbeats = new Heartbeats()
