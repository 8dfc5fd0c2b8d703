import type { RequestRow } from '@vividly/tracker-api/contract'

import { listPages } from './loadSnapshot.ts'
import type { MonitoringApi } from './monitoringApi.ts'

/** A stage is called stalled after 30 s of silence at the earliest, so that no one is told of it much too late. */
const JUDGE_INTERVAL_MS = 20_000
const PAGES = 5

/**
 * Asks again and again which requests are late or stalled: they become so because time passes, of which no change
 * tells. @returns what ends it
 */
export function keepJudging(api: MonitoringApi, isLive: () => boolean, onRows: (rows: RequestRow[]) => void): () => void {
  const stop = new AbortController()
  let isAsking = false

  async function ask(): Promise<void> {
    isAsking = true
    try {
      const answers = await Promise.all(
        (['late', 'stalled'] as const).map((condition) => listPages(api, { condition }, PAGES, stop.signal)),
      )
      onRows(answers.flatMap(({ rows }) => rows))
    } catch {
      // The stream says what is wrong; the next turn asks again.
    } finally {
      isAsking = false
    }
  }

  const timer = setInterval(() => {
    if (isLive() && !isAsking) void ask()
  }, JUDGE_INTERVAL_MS)
  return () => {
    clearInterval(timer)
    stop.abort()
  }
}
