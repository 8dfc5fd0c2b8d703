import { PRIORITIES, SIGNALS, weightOf } from './Parcel.ts'
import type { Parcel, Priority, Signal } from './Parcel.ts'

/**
 * The parcels in memory: those that wait, by priority and then age, and those under way.
 * `bytes` counts both, until {@link settle} or {@link evict} takes them off.
 */
export class ParcelQueue {
  readonly #waiting = new Map<string, Parcel[]>()
  readonly #age = new WeakMap<Parcel, number>()
  #nextAge = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  push(parcel: Parcel): void {
    this.#age.set(parcel, (this.#nextAge += 1))
    this.#bytes += weightOf(parcel)
    this.#list(parcel.signal, parcel.priority).push(parcel)
  }

  has(signal: Signal): boolean {
    return PRIORITIES.some((priority) => this.#list(signal, priority).length > 0)
  }

  /** The next to send, most important first: of one encoding, at least one, together at most `maxBytes`. */
  take(signal: Signal, maxBytes: number): Parcel[] {
    const taken: Parcel[] = []
    let bytes = 0
    for (const priority of PRIORITIES.toReversed()) {
      const list = this.#list(signal, priority)
      let count = 0
      for (const parcel of list) {
        if (taken.length > 0 && parcel.encoding !== taken[0]?.encoding) break
        if (taken.length > 0 && bytes + parcel.body.length > maxBytes) break
        taken.push(parcel)
        bytes += parcel.body.length
        count += 1
      }
      list.splice(0, count)
      if (list.length > 0) break
    }
    return taken
  }

  /** They could not be sent and wait again, in front. */
  putBack(parcels: readonly Parcel[]): void {
    for (const parcel of parcels.toReversed()) this.#list(parcel.signal, parcel.priority).unshift(parcel)
  }

  /** As {@link putBack}, but behind those of their priority. */
  putBehind(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) this.#list(parcel.signal, parcel.priority).push(parcel)
  }

  /** One that was taken is delivered, or lost. */
  settle(parcel: Parcel): void {
    this.#bytes -= weightOf(parcel)
  }

  /** Takes out what is missed least: of the lowest priority that waits, the oldest. */
  evict(): Parcel | undefined {
    for (const priority of PRIORITIES) {
      const [oldest] = SIGNALS.map((signal) => this.#list(signal, priority))
        .filter((list) => list.length > 0)
        .sort(([a], [b]) => this.#ageOf(a) - this.#ageOf(b))
      const parcel = oldest?.shift()
      if (parcel === undefined) continue
      this.settle(parcel)
      return parcel
    }
    return undefined
  }

  #ageOf(parcel: Parcel | undefined): number {
    return (parcel && this.#age.get(parcel)) ?? 0
  }

  #list(signal: Signal, priority: Priority): Parcel[] {
    const key = `${signal} ${priority}`
    const list = this.#waiting.get(key) ?? []
    this.#waiting.set(key, list)
    return list
  }
}
