import type { Page } from 'playwright-core'

export type Watched = {
  /** Of each click and key, from the input to the next painting, as the browser's event timing measures it. */
  interactionsMs: number[]
  longestTaskMs: number
  usedHeapBytes: number
}

type Watching = { interactions: number[]; longest: number }
type Measuring = typeof globalThis & { vividlyBench: Watching }
type Heap = Performance & { memory: { usedJSHeapSize: number } }

/** Begins to note interactions and long tasks; to be called before the page is opened. */
export async function watchPage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watching: Watching = { interactions: [], longest: 0 }
    ;(globalThis as Measuring).vividlyBench = watching
    const note = (type: string, each: (entry: PerformanceEntry) => void, options: object = {}) =>
      new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options })
    note('event', (entry) => {
      if (['pointerup', 'keydown', 'click'].includes(entry.name)) watching.interactions.push(entry.duration)
    }, { durationThreshold: 16 })
    note('longtask', (entry) => {
      watching.longest = Math.max(watching.longest, entry.duration)
    })
  })
}

/** What was noted since the last reading. Events under 16 ms are not told by the browser: they count as none. */
export async function readWatched(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { vividlyBench: watching } = globalThis as Measuring
    const read = {
      interactionsMs: watching.interactions,
      longestTaskMs: watching.longest,
      usedHeapBytes: (performance as Heap).memory.usedJSHeapSize,
    }
    watching.interactions = []
    watching.longest = 0
    return read
  })
}
