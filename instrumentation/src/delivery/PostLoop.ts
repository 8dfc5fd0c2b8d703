import { backOffMs } from './backOffMs.ts'
import type { Outcome, Send } from './makeSender.ts'
import type { Outage } from './Outage.ts'
import type { Parcel, Signal } from './Parcel.ts'
import type { ParcelQueue } from './ParcelQueue.ts'
import type { Timing } from './Timing.ts'

/** How fast posts grow again after a failure halved them. */
const POST_GROWTH = 1.25
/** A parcel or two. */
const LEAST_POST_BYTES = 4096

export type PostLoopOptions = {
  signal: Signal
  queue: ParcelQueue
  send: Send
  outage: Outage
  timing: Timing
  maxPostBytes: number
  onDelivered: (parcels: readonly Parcel[]) => void
  onRefused: (parcel: Parcel) => void
  /** Parcels wait again, so that there may be more than there is room for. */
  onPutBack: (parcels: readonly Parcel[]) => void
}

/** Posts what waits of one signal, one post at a time, for as long as it takes. */
export class PostLoop {
  readonly #options: PostLoopOptions
  readonly #abort = new AbortController()
  #running: Promise<void> | undefined
  #callOff: (() => void) | undefined
  #failures = 0
  /** Of the next post. A receiver that comes back has much to take from many: what it answered in time may grow. */
  #postBytes: number

  constructor(options: PostLoopOptions) {
    this.#options = options
    this.#postBytes = options.maxPostBytes
  }

  /** The last post failed. */
  get isFailing(): boolean {
    return this.#failures > 0
  }

  /** There is something to post; not before a wait is over. */
  wake(): void {
    if (this.#callOff === undefined) void this.#start()
  }

  /** Posts now, wait or not, until nothing is left (true) or a post fails. */
  async attempt(): Promise<boolean> {
    await this.#running
    this.#callOff?.()
    this.#callOff = undefined
    await this.#start()
    return !this.#options.queue.has(this.#options.signal)
  }

  /** Breaks off; whatever was under way waits again when this resolves. */
  async abandon(): Promise<void> {
    this.#abort.abort()
    this.#callOff?.()
    await this.#running
  }

  #start(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve()
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    const { signal, queue } = this.#options
    for (;;) {
      const row = queue.take(signal, this.#postBytes)
      if (row.length === 0 || !(await this.#postRow(row))) return
    }
  }

  /** False: the receiver failed, and the loop waits. */
  async #postRow(row: Parcel[]): Promise<boolean> {
    const { signal, queue, send, outage, onDelivered, onRefused } = this.#options
    const rows = [row]
    let refusal: unknown
    let isDelivered = false
    for (let next = rows.pop(); next !== undefined; next = rows.pop()) {
      const outcome = await send(next, this.#abort.signal).catch(
        (cause: unknown): Outcome => ({ kind: 'failed', cause }),
      )
      if (outcome.kind === 'failed') {
        this.#failed(outcome, next, rows.toReversed().flat())
        return false
      }
      const [only] = next
      if (outcome.kind === 'delivered') {
        isDelivered = true
        for (const parcel of next) queue.settle(parcel)
        onDelivered(next)
      } else if (next.length > 1) {
        const half = Math.ceil(next.length / 2)
        rows.push(next.slice(half), next.slice(0, half))
      } else if (only !== undefined) {
        refusal = outcome.cause
        queue.settle(only)
        onRefused(only)
      }
    }
    this.#failures = 0
    this.#postBytes = Math.min(this.#options.maxPostBytes, this.#postBytes * POST_GROWTH)
    if (isDelivered || refusal === undefined) outage.succeeded(signal)
    else outage.failed(signal, refusal)
    return true
  }

  #failed({ cause, afterMs, status }: Outcome & { kind: 'failed' }, row: Parcel[], rest: Parcel[]): void {
    const { queue, outage, signal, timing, onPutBack } = this.#options
    queue.putBack(rest)
    // It may be these parcels that the receiver breaks over: the others go first.
    if (status === 500) queue.putBehind(row)
    else queue.putBack(row)
    onPutBack([...row, ...rest])
    if (this.#abort.signal.aborted) return
    outage.failed(signal, cause)
    this.#failures += 1
    // Ever smaller, so that a receiver which breaks over one parcel still gets the others.
    this.#postBytes = Math.max(LEAST_POST_BYTES, this.#postBytes / 2)
    this.#callOff = timing.after(backOffMs(this.#failures, timing.random(), afterMs), () => {
      this.#callOff = undefined
      void this.#start()
    })
  }
}
