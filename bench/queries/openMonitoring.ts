import { API_BASE } from '@vividly/tracker-api/contract'
import { createLiveReads } from '../../tracker-api/src/http/createLiveReads.ts'
import { monitoringRoutes } from '../../tracker-api/src/http/monitoringRoutes.ts'
import { createChangeFeed } from '../../tracker-api/src/live/createChangeFeed.ts'
import { ObservedPool } from './ObservedPool.ts'

export type ObservedMonitoring = {
  pool: ObservedPool
  /** A call without a port; `path` is below API_BASE. Throws on anything but 200. */
  fetchJson: (path: string) => Promise<unknown>
  close: () => Promise<void>
}

/** The reading endpoints in this process, their statements observed. */
export function openMonitoring(databaseUrl: string): ObservedMonitoring {
  const pool = new ObservedPool(databaseUrl, {
    name: 'bench', maxConnections: 1, statementTimeoutMs: 60_000, deadlineMs: 61_000, plansOnce: true,
  })
  const liveReads = createLiveReads(pool)
  const feed = createChangeFeed(liveReads, { onError: (error) => console.error(error) })
  const routes = monitoringRoutes({ read: pool, feed, liveReads })
  return {
    pool,
    fetchJson: async (path) => {
      const answer = await routes.request(path)
      if (answer.status !== 200) throw new Error(`${API_BASE}${path} answered ${answer.status}: ${await answer.text()}`)
      return answer.json()
    },
    close: () => pool.close(),
  }
}
