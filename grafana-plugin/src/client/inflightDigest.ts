import type { RequestRow } from '@vividly/tracker-api/contract'

import { isEnded } from './requestPhase.ts'

/** The contract's `inflight_count` and `inflight_digest` of the requests shown. */
export function inflightDigest(
  rows: Iterable<Pick<RequestRow, 'id' | 'version' | 'status'>>,
): { count: number; digest: string } {
  let count = 0
  let sum = 0n
  for (const { id, version, status } of rows) {
    if (isEnded(status)) continue
    count += 1
    sum += (BigInt(`0x${id.slice(19).replace('-', '')}`) | 1n) * BigInt(version)
  }
  return { count, digest: String(BigInt.asUintN(64, sum)) }
}
