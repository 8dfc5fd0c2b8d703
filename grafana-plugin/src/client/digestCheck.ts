import type { RequestRow, StreamFrames } from '@vividly/tracker-api/contract'

import { inflightDigest } from './inflightDigest.ts'

/** How often running a digest must differ: once it may, when an answer to a search ran ahead of the stream. */
const TIMES = 2

/** Compares what is shown with what the tracker's heartbeats say that it has. */
export function createDigestCheck() {
  let checks = false
  let differed = 0
  return {
    /** After a snapshot; `hasAllActive`: it had all that is in flight. */
    restart(hasAllActive: boolean): void {
      checks = hasAllActive
      differed = 0
    },
    /** True when the digest differs for the second time running, or the fourth, and so on. */
    differsAgain(beat: StreamFrames['heartbeat'], rows: Iterable<RequestRow>): boolean {
      if (!checks) return false
      const { count, digest } = inflightDigest(rows)
      const isSame = count === beat.inflight_count && digest === beat.inflight_digest
      differed = isSame ? 0 : differed + 1
      return differed > 0 && differed % TIMES === 0
    },
  }
}
