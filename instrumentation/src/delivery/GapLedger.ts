import type { Tally } from './Parcel.ts'

/** Why something is lost; they travel in `vividly.telemetry.lost_reasons`. */
export const LOSS_REASONS = ['memory_full', 'spool_full', 'spool_broken', 'refused', 'unserializable', 'stopped'] as const
export type LossReason = (typeof LOSS_REASONS)[number]

export type Gap = Tally & { reasons: LossReason[] }

/** Requests that are remembered one by one; the losses of others go into one total outside any request. */
const MAX_REQUESTS = 5000

/** What was lost and has not been told yet, exactly. */
export class GapLedger {
  readonly #maxRequests: number
  #gaps = new Map<string, Gap>()

  constructor(maxRequests: number = MAX_REQUESTS) {
    this.#maxRequests = maxRequests
  }

  get isEmpty(): boolean {
    return this.#gaps.size === 0
  }

  add(reason: LossReason, tallies: readonly Tally[]): void {
    for (const tally of tallies) {
      const gap = this.#gapOf(tally)
      gap.records += tally.records
      gap.spans += tally.spans
      gap.fromMs = Math.min(gap.fromMs, tally.fromMs)
      gap.toMs = Math.max(gap.toMs, tally.toMs)
      if (!gap.reasons.includes(reason)) gap.reasons.push(reason)
    }
  }

  /** All there is to tell; whoever takes it tells it. */
  take(): Gap[] {
    const gaps = [...this.#gaps.values()]
    this.#gaps = new Map()
    return gaps
  }

  #gapOf({ traceId, fromMs, toMs }: Tally): Gap {
    const known = this.#gaps.has(traceId) || this.#gaps.size < this.#maxRequests
    const key = known ? traceId : ''
    const gap = this.#gaps.get(key) ?? { traceId: key, records: 0, spans: 0, fromMs, toMs, reasons: [] }
    this.#gaps.set(key, gap)
    return gap
  }
}
