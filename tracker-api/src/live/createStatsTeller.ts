import { Bundle } from './Bundle.ts'
import type { FeedReads } from './FeedReads.ts'
import { toFrame } from './Frame.ts'
import type { Listener } from './Listener.ts'

/** Between two readings of the figures. */
const STATS_MS = 1_000

/**
 * Tells the dashboard's figures, of all that the listener may see: at most once a second, when something changed, and only if the
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
    const byFigures = Map.groupBy(listeners(), ({ timezone, viewer }) => JSON.stringify([timezone, viewer.organization]))
    for (const key of lastTold.keys()) if (!byFigures.has(key)) lastTold.delete(key)
    for (const [key, told] of byFigures) {
      const [first] = told
      if (first === undefined) continue
      const { timezone, viewer } = first
      const frame = toFrame('stats', await reads.stats(timezone, viewer.organization), undefined)
      if (lastTold.get(key) === frame.text) continue
      lastTold.set(key, frame.text)
      const bundle = new Bundle([frame])
      for (const { outbox } of told) outbox.send(bundle)
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
