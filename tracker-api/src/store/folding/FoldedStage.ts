import { ATTR_RETRY_DELAY_MS, ATTR_STAGE_MAX_ATTEMPTS, ATTR_STAGE_OUTPUT } from '@vividly/instrumentation/semconv'
import type { Json } from '../../signal.ts'
import { maxRetriesOf } from './attemptOf.ts'
import { believed, standingOf } from './Claim.ts'
import type { Claim } from './Claim.ts'
import { integerOf } from './integerOf.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

const RANKS: { readonly [outcome: string]: number } = { in_progress: 1, skipped: 2, failed: 3, completed: 4 }
const RANKS_OF_AN_ATTEMPT = 8

/**
 * What signals say of one stage of one request, whatever their order and number: the greatest (attempt, rank of the
 * outcome), and what was said of that.
 */
export class FoldedStage {
  readonly #stageName: string
  /** Eight times the attempt, and the rank. */
  #level = 0
  /** The earliest and the greatest of any level. */
  #startedUs: number | null = null
  #maxRetries: number | null = null
  /** Said at this level: of these two the latest, of the other three what is believed. */
  #endedUs: number | null = null
  #nextAttemptUs: number | null = null
  #worker: Claim | null = null
  #error: Claim | null = null
  #output: Claim | null = null

  constructor(stageName: string) {
    this.#stageName = stageName
  }

  /** @param outcome of the stage, as the signal has it. */
  add({ kind, isSpan, attempt, attributes, startedUs, saidUs: us, error, service, instance }: TrackedSignal, outcome: string): void {
    const level = RANKS_OF_AN_ATTEMPT * attempt + (RANKS[outcome] ?? 0)
    const runs = outcome === 'in_progress'
    if (isSpan || runs) this.#startedUs = this.#startedUs === null ? startedUs : Math.min(this.#startedUs, startedUs)
    this.#maxRetries = greatest(this.#maxRetries, maxRetriesOf(attributes[ATTR_STAGE_MAX_ATTEMPTS]))
    if (level < this.#level) return
    if (level > this.#level) this.#rise(level)
    if (!runs) this.#endedUs = greatest(this.#endedUs, us)
    if (kind === 'retry') this.#nextAttemptUs = greatest(this.#nextAttemptUs, us + 1000 * (integerOf(attributes[ATTR_RETRY_DELAY_MS]) ?? 0))
    this.#worker = believed(this.#worker, us, [service, instance])
    if (error !== null) this.#error = believed(this.#error, us, error)
    const output = attributes[ATTR_STAGE_OUTPUT]
    if (output !== undefined) this.#output = believed(this.#output, us, output)
  }

  #rise(level: number): void {
    this.#level = level
    this.#endedUs = this.#nextAttemptUs = this.#worker = this.#error = this.#output = null
  }

  /** The row, of the request at that place, that the SQL function `join_stages` takes. */
  toRow(place: number): Json[] {
    return [
      place, this.#stageName, this.#level, this.#startedUs, this.#endedUs, this.#maxRetries, this.#nextAttemptUs,
      ...words(this.#worker), ...words(this.#error), ...words(this.#output),
    ]
  }
}

/** Time, digest and what is said. */
function words(claim: Claim | null): Json[] {
  return claim === null ? [null, null, null] : [...standingOf(claim), claim.value]
}

function greatest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
