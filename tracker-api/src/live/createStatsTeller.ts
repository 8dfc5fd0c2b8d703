import type { FeedReads } from './FeedReads.ts'
import { toFrame } from './Frame.ts'
import type { Listener } from './Listener.ts'

/** Between two readings of the figures. */
const STATS_MS = 1_000

/**
 * Tells the dashboard's figures, of all organizations: at most once a second, when something changed, and only if the
 * figures did. Each listener hears them for the day of its own time zone.
 */
export function createStatsTeller(
  reads: Pick<FeedReads, 'stats'>,
  listeners: () => Iterable<Listener>,
  onError: (error: unknown) => void,
): { mark: () => void; tell: () => void } {
  const lastTold = new Map<string, string>()
  let due = false
  let reading = false
  let nextMs = 0

  async function tellAll(): Promise<void> {
    const byZone = Map.groupBy(listeners(), ({ timezone }) => timezone)
    for (const zone of lastTold.keys()) if (!byZone.has(zone)) lastTold.delete(zone)
    for (const [zone, told] of byZone) {
      const frame = toFrame('stats', await reads.stats(zone), undefined)
      if (lastTold.get(zone) === frame.text) continue
      lastTold.set(zone, frame.text)
      for (const { outbox } of told) outbox.send(frame)
    }
  }

  return {
    mark: () => {
      due = true
    },
    tell: () => {
      if (!due || reading || performance.now() < nextMs) return
      due = false
      reading = true
      nextMs = performance.now() + STATS_MS
      tellAll()
        .catch(onError)
        .finally(() => {
          reading = false
        })
    },
  }
}
