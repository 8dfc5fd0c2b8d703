import type { Page } from 'playwright-core'

export type Watched = {
  /** Of each click and key, from the input to the next painting, as the browser's event timing measures it. */
  interactionsMs: number[]
  longestTaskMs: number
  /** What is still reached after a collection of garbage. */
  usedHeapBytes: number
}

type Watching = { interactions: number[]; longest: number }
type Measuring = typeof globalThis & { vividlyBench: Watching }

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
  const protocol = await page.context().newCDPSession(page)
  await protocol.send('HeapProfiler.collectGarbage')
  const { usedSize: usedHeapBytes } = await protocol.send('Runtime.getHeapUsage')
  await protocol.detach()
  const noted = await page.evaluate(() => {
    const { vividlyBench: watching } = globalThis as Measuring
    const read = {
      interactionsMs: watching.interactions,
      longestTaskMs: watching.longest,
    }
    watching.interactions = []
    watching.longest = 0
    return read
  })
  return { ...noted, usedHeapBytes }
}
