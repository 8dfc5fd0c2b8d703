import { GapLedger } from './GapLedger.ts'
import type { Gap, LossReason } from './GapLedger.ts'
import type { Send } from './makeSender.ts'
import { Outage } from './Outage.ts'
import { SIGNALS } from './Parcel.ts'
import type { Parcel, Signal } from './Parcel.ts'
import { ParcelQueue } from './ParcelQueue.ts'
import { PostLoop } from './PostLoop.ts'
import type { Sealed } from './sealParcels.ts'
import type { Timing } from './Timing.ts'

/** A receiver that flickers is told of gaps no more often. */
const TELL_EVERY_MS = 10_000
const MAX_POST_BYTES = 1_048_576
const TRY_AGAIN_MS = 250

export type DeliveryOptions = {
  sends: Readonly<Record<Signal, Send>>
  /** Of serialized telemetry in memory. */
  maxBytes: number
  timing: Timing
  /** Makes a log record of a gap, which comes back by {@link Delivery.accept}. */
  tell: (gap: Gap) => void
  /** Seals what the intakes hold. */
  seal: () => Promise<void>
}

/** Keeps parcels until the receiver has them; what there is no room for is counted and told as gaps. */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #queue = new ParcelQueue()
  readonly #ledger = new GapLedger()
  readonly #outage = new Outage()
  readonly #loops: Readonly<Record<Signal, PostLoop>>
  #toldAtMs = Number.NEGATIVE_INFINITY
  #callOffTelling: (() => void) | undefined
  #isAbandoned = false

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#loops = { logs: this.#loopOf('logs'), traces: this.#loopOf('traces') }
  }

  /** Of the parcels in memory, those under way included. */
  get bytes(): number {
    return this.#queue.bytes
  }

  accept({ parcels, unserializable }: Sealed): void {
    this.#ledger.add('unserializable', unserializable)
    for (const parcel of parcels) {
      this.#queue.push(parcel)
      this.#makeRoom()
    }
  }

  wake(): void {
    for (const signal of SIGNALS) this.#loops[signal].wake()
  }

  /** Tries once to send everything there is, gaps included. False: the receiver failed, and the rest is kept. */
  async flush(): Promise<boolean> {
    if (!(await this.#attempt())) return false
    if (!this.#ledger.isEmpty) this.#tell()
    // What the first attempt led to telling.
    return this.#attempt()
  }

  /** Tries until everything is sent or given up by {@link abandon}. */
  async close(): Promise<void> {
    while (!(await this.flush()) && !this.#isAbandoned) {
      await new Promise<void>((resolve) => void this.#options.timing.after(TRY_AGAIN_MS, resolve))
    }
  }

  /** Ends what is under way and starts nothing more. */
  abandon(): void {
    this.#isAbandoned = true
    this.#callOffTelling?.()
    for (const signal of SIGNALS) this.#loops[signal].abandon()
  }

  async #attempt(): Promise<boolean> {
    await this.#options.seal()
    const areDone = await Promise.all(SIGNALS.map((signal) => this.#loops[signal].attempt()))
    return areDone.every(Boolean)
  }

  #loopOf(signal: Signal): PostLoop {
    const { sends, timing, maxBytes } = this.#options
    return new PostLoop({
      signal,
      queue: this.#queue,
      send: sends[signal],
      outage: this.#outage,
      timing,
      maxPostBytes: Math.min(MAX_POST_BYTES, maxBytes / 8),
      onDelivered: () => {
        if (signal === 'logs' && !this.#ledger.isEmpty) this.#tellSoon()
      },
      onRefused: (parcel) => this.#lose('refused', parcel),
      onPutBack: () => this.#makeRoom(),
    })
  }

  #makeRoom(): void {
    while (this.#queue.bytes > this.#options.maxBytes) {
      const evicted = this.#queue.evict()
      if (evicted === undefined) return
      this.#lose('memory_full', evicted)
    }
  }

  #lose(reason: LossReason, { tallies }: Parcel): void {
    this.#ledger.add(reason, tallies)
  }

  #tellSoon(): void {
    const { timing } = this.#options
    const waitMs = this.#toldAtMs + TELL_EVERY_MS - timing.nowMs()
    if (waitMs <= 0) this.#tell()
    else this.#callOffTelling ??= timing.after(waitMs, () => this.#tell())
  }

  #tell(): void {
    this.#callOffTelling?.()
    this.#callOffTelling = undefined
    this.#toldAtMs = this.#options.timing.nowMs()
    for (const gap of this.#ledger.take()) this.#options.tell(gap)
  }
}
