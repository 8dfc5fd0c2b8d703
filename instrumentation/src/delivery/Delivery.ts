import { warn } from '../warnOnce.ts'
import { GapLedger } from './GapLedger.ts'
import type { Gap, LossReason } from './GapLedger.ts'
import type { Send } from './makeSender.ts'
import { Outage } from './Outage.ts'
import { SIGNALS } from './Parcel.ts'
import type { Parcel, Signal } from './Parcel.ts'
import { ParcelQueue } from './ParcelQueue.ts'
import { PostLoop } from './PostLoop.ts'
import type { Sealed } from './sealParcels.ts'
import { Spool } from './Spool.ts'
import type { SpoolOptions } from './Spool.ts'
import type { Timing } from './Timing.ts'

/** A receiver that flickers is told of gaps no more often. */
const TELL_EVERY_MS = 10_000
const MAX_POST_BYTES = 262_144
const TRY_AGAIN_MS = 250

export type DeliveryOptions = {
  sends: Readonly<Record<Signal, Send>>
  /** Of serialized telemetry in memory. */
  maxBytes: number
  timing: Timing
  /** Where telemetry outlives the process; without it what memory has no room for is lost. */
  spool?: Omit<SpoolOptions, 'lose'>
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
  readonly #spool: Spool | undefined
  #refilling: Promise<void> | undefined
  #toldAtMs = Number.NEGATIVE_INFINITY
  #callOffTelling: (() => void) | undefined
  #isAbandoned = false

  constructor(options: DeliveryOptions) {
    this.#options = options
    const lose = this.#ledger.add.bind(this.#ledger)
    this.#spool = options.spool && new Spool({ ...options.spool, lose })
    this.#loops = { logs: this.#loopOf('logs'), traces: this.#loopOf('traces') }
    void this.#refill()
  }

  /** Of the parcels in memory, those under way included. */
  get bytes(): number {
    return this.#queue.bytes
  }

  accept({ parcels, unserializable }: Sealed): void {
    this.#ledger.add('unserializable', unserializable)
    for (const parcel of parcels) {
      this.#queue.push(parcel)
      // In an outage it is not delivered soon, and this process may not live to see the end of it.
      const isFragile = parcel.priority === 'life_cycle' || this.#loops[parcel.signal].isFailing
      if (isFragile) this.#spool?.writeAhead(parcel)
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

  /**
   * Without a spool tries until {@link abandon}; with one tries once, no longer than `patienceMs`, and leaves the
   * rest on disk.
   */
  async close(patienceMs: number): Promise<void> {
    const { timing } = this.#options
    const callOff = this.#spool && timing.after(patienceMs, () => this.abandon())
    let isDone = await this.flush()
    while (!isDone && !this.#isAbandoned && this.#spool === undefined) {
      await new Promise<void>((resolve) => void timing.after(TRY_AGAIN_MS, resolve))
      isDone = await this.flush()
    }
    callOff?.()
    if (isDone) await this.#spool?.close()
    else await this.#leaveOnDisk()
  }

  /** Ends what is under way and starts nothing more. */
  abandon(): void {
    this.#isAbandoned = true
    this.#callOffTelling?.()
    for (const signal of SIGNALS) void this.#loops[signal].abandon()
  }

  async #attempt(): Promise<boolean> {
    await this.#options.seal()
    do {
      await this.#refill()
      const areDone = await Promise.all(SIGNALS.map((signal) => this.#loops[signal].attempt()))
      if (!areDone.every(Boolean)) return false
    } while (this.#spool?.hasBacklog === true)
    return true
  }

  /** Brings back from disk what memory has room for. */
  #refill(): Promise<void> {
    this.#refilling ??= this.#refillOnce().finally(() => {
      this.#refilling = undefined
    })
    return this.#refilling
  }

  async #refillOnce(): Promise<void> {
    const shareBytes = this.#options.maxBytes / 4
    if (this.#spool?.hasBacklog !== true || this.#queue.bytes > shareBytes) return
    for (const parcel of await this.#spool.take(shareBytes)) this.#queue.push(parcel)
    this.#makeRoom()
    this.wake()
  }

  async #leaveOnDisk(): Promise<void> {
    if (this.#spool === undefined) return
    this.abandon()
    // Puts back what was under way.
    for (const signal of SIGNALS) await this.#loops[signal].abandon()
    this.#tell()
    await this.#options.seal()
    for (let parcel = this.#queue.evict(); parcel !== undefined; parcel = this.#queue.evict()) {
      await this.#spool.keep(parcel)
    }
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
      onDelivered: (parcels) => {
        for (const parcel of parcels) this.#spool?.settle(parcel)
        if (this.#spool?.hasBacklog === true) void this.#refill()
        if (signal === 'logs' && !this.#ledger.isEmpty) this.#tellSoon()
      },
      onRefused: (parcel) => {
        this.#spool?.settle(parcel)
        this.#lose('refused', parcel)
      },
      onPutBack: (parcels) => {
        for (const parcel of parcels) this.#spool?.writeAhead(parcel)
        this.#makeRoom()
      },
    })
  }

  #makeRoom(): void {
    while (this.#queue.bytes > this.#options.maxBytes) {
      const evicted = this.#queue.evict()
      if (evicted === undefined) return
      if (this.#spool === undefined) this.#lose('memory_full', evicted)
      else void this.#spool.keep(evicted)
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
    for (const gap of this.#ledger.take()) {
      try {
        this.#options.tell(gap)
      } catch (error) {
        // Another log processor of the host's, which is no reason to end delivery or the process.
        warn('a gap could not be told.', error)
      }
    }
  }
}
