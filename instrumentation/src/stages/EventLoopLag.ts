import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the loop is looked at; a block shorter than this may go unseen. */
const RESOLUTION_MS = 20

/** The event loop's worst delay of late: tells a blocked process from one that waits for a slow provider. */
export class EventLoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #worstOfWindow: number[]
  #window = 0

  /** @param windows how many calls of {@link next} a delay is remembered for. */
  constructor(windows: number) {
    this.#worstOfWindow = Array.from({ length: windows }, () => 0)
  }

  start(): void {
    this.#histogram.reset()
    this.#histogram.enable()
    this.#worstOfWindow.fill(0)
  }

  stop(): void {
    this.#histogram.disable()
  }

  /** Closes a window and opens the next. */
  next(): void {
    // What is measured is the time from look to look, of which the resolution is none of the delay.
    const worstMs = this.#histogram.count === 0 ? 0 : this.#histogram.max / 1e6 - RESOLUTION_MS
    this.#histogram.reset()
    this.#window = (this.#window + 1) % this.#worstOfWindow.length
    this.#worstOfWindow[this.#window] = Math.max(0, worstMs)
  }

  /** Of the remembered windows, in whole milliseconds. */
  get worstMs(): number {
    return Math.round(Math.max(...this.#worstOfWindow))
  }
}
