import { setImmediate } from 'node:timers/promises'
import type { Resource } from '@opentelemetry/resources'
import { PRIORITIES } from './Parcel.ts'
import type { Priority } from './Parcel.ts'
import { roughBytes } from './roughBytes.ts'
import { sealParcels } from './sealParcels.ts'
import type { Packing, Sealed } from './sealParcels.ts'
import type { Timing } from './Timing.ts'

/** About the most that is serialized without a break, and so the longest that the event loop is held: a millisecond. */
const MAX_PARCEL_BYTES = 65_536

const ITEM_BYTES = 200

export type IntakeOptions<T> = {
  packing: Packing<T>
  priorityOf: (item: T) => Priority
  timing: Timing
  delayMs: number
  /** Life-cycle records are sealed this early, to be on disk when the process dies. */
  urgentDelayMs?: number
  maxParcelItems: number
  /** More than this is not held as objects: the caller's next item then seals a parcel on the spot. */
  maxItems: number
  maxBytes: number
  accept: (sealed: Sealed) => void
  /** All that was pending is sealed. */
  onSealed: () => void
}

type Pending<T> = { item: T; bytes: number }

/** Takes items from the SDK on the caller's path, and seals them into parcels off it. */
export class Intake<T extends { attributes: object; resource: Resource }> {
  readonly #options: IntakeOptions<T>
  readonly #pending: Record<Priority, Pending<T>[]> = { diagnostic: [], outcome: [], life_cycle: [] }
  #items = 0
  #bytes = 0
  #callOff: (() => void) | undefined
  #isUrgent = false
  /** Of some item a detector of the host's is still at work. */
  #isUnknown = false
  #sealing: Promise<void> | undefined

  constructor(options: IntakeOptions<T>) {
    this.#options = options
  }

  add(item: T): void {
    const { priorityOf, maxItems, maxBytes, timing, delayMs, urgentDelayMs } = this.#options
    const bytes = ITEM_BYTES + attributeBytes(item.attributes)
    const priority = priorityOf(item)
    this.#pending[priority].push({ item, bytes })
    this.#items += 1
    this.#bytes += bytes
    if (item.resource.asyncAttributesPending) this.#isUnknown = true
    if (this.#items > maxItems || this.#bytes > maxBytes) this.#sealNext()
    this.#callOff ??= timing.after(delayMs, () => void this.seal())
    if (priority === 'life_cycle' && urgentDelayMs !== undefined && !this.#isUrgent) {
      this.#isUrgent = true
      timing.after(urgentDelayMs, () => this.#sealUrgent())
    }
  }

  /** Seals all that is pending, in slices between which the host runs on. */
  async seal(): Promise<void> {
    this.#callOff?.()
    this.#callOff = undefined
    await (this.#sealing ??= this.#sealAll().finally(() => {
      this.#sealing = undefined
    }))
  }

  #sealUrgent(): void {
    const pending = this.#pending.life_cycle
    const isKnown = pending[0]?.item.resource.asyncAttributesPending !== true
    if (isKnown && pending.length > 0) this.#sealNext()
    this.#isUrgent = isKnown && pending.length > 0
    if (this.#isUrgent) this.#options.timing.after(0, () => this.#sealUrgent())
  }

  async #sealAll(): Promise<void> {
    await this.#resourcesAreKnown()
    while (this.#items > 0) {
      this.#sealNext()
      if (this.#items > 0) await setImmediate()
    }
    this.#options.onSealed()
  }

  #sealNext(): void {
    const { packing, accept, maxParcelItems } = this.#options
    const priority = PRIORITIES.findLast((candidate) => this.#pending[candidate].length > 0)
    if (priority === undefined) return
    const pending = this.#pending[priority]
    let bytes = 0
    let count = 0
    for (const next of pending) {
      if (count > 0 && (count >= maxParcelItems || bytes + next.bytes > MAX_PARCEL_BYTES)) break
      bytes += next.bytes
      count += 1
    }
    this.#items -= count
    this.#bytes -= bytes
    const items = pending.splice(0, count).map(({ item }) => item)
    accept(sealParcels(packing, priority, items))
  }

  async #resourcesAreKnown(): Promise<void> {
    if (!this.#isUnknown) return
    this.#isUnknown = false
    for (const { item } of Object.values(this.#pending).flat()) {
      if (!item.resource.asyncAttributesPending) continue
      // A detector of the host's that fails leaves its attributes out.
      await item.resource.waitForAsyncAttributes?.().catch(() => {})
    }
  }
}

function attributeBytes(attributes: object): number {
  try {
    return roughBytes(attributes)
  } catch {
    // In a circle, or of the host's making: it will be counted as not serializable, off the caller's path.
    return ITEM_BYTES
  }
}
