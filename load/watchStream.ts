import { openListeners } from '../bench/stream/openListeners.ts'
import { quantile } from '../bench/measure/quantile.ts'
import type { Verdict } from './toResult.ts'

/** Milliseconds from the beginning of a request, which its ID holds, to a listener's socket. */
const PROMISED_P99_MS = 250

/**
 * People who watch the live stream during a scenario. k6 can't read a stream as it comes, so a process of ours does; what
 * it times are requests that began while it watched. A request is timed by the clock of its sender, here the same.
 */
export async function watchStream(trackerUrl: string, count: number): Promise<{ end: () => Promise<Verdict[]> }> {
  const listeners = await openListeners(new URL(`${trackerUrl}/api/v1/monitoring/stream`), count)
  const sinceMs = Date.now()
  return {
    end: async () => {
      const { arrivals } = await listeners.hear()
      await listeners.close()
      // Later states of a request say nothing of its beginning.
      const first = new Map(arrivals.toReversed())
      const delays = [...first].flatMap(([id, atMs]) => {
        const begunMs = Number(/^vvd_(\d{13})_/.exec(id)?.[1])
        return begunMs >= sinceMs ? [atMs - begunMs] : []
      })
      const p99 = quantile(delays, 0.99)
      const measured = delays.length === 0 ? undefined : p99
      return [{ metric: `stream_delay of ${count} watchers`, promise: `p(99)<${PROMISED_P99_MS}`, measured, held: p99 < PROMISED_P99_MS }]
    },
  }
}
