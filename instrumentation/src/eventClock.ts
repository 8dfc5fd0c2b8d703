import type { HrTime } from '@opentelemetry/api'

/** A wall clock that has stepped back by more than this is followed; below it, order wins. */
const MAX_LEAD_US = 1_000_000

let lastUs = 0

/**
 * Now, as [seconds, nanoseconds] since the Unix epoch, in whole microseconds as Postgres keeps them, and
 * later than any answer before: what one process says within a millisecond stays in its order.
 */
export function eventTime(nowMs: number = Date.now()): HrTime {
  const nowUs = Math.trunc(nowMs * 1000)
  lastUs = nowUs > lastUs || lastUs - nowUs > MAX_LEAD_US ? nowUs : lastUs + 1
  return [Math.floor(lastUs / 1_000_000), (lastUs % 1_000_000) * 1000]
}
