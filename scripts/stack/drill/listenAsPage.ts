import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { RequestRow } from '@vividly/tracker-api/contract'
import { createLiveClient } from '../../../grafana-plugin/src/client/liveClient.ts'
import { loadSnapshot } from '../../../grafana-plugin/src/client/loadSnapshot.ts'
import { createMonitoringApi } from '../../../grafana-plugin/src/client/monitoringApi.ts'

const SAME_WITHIN_MS = 15_000

/** A page that is open while parts are taken away: its own store and client, without its drawing. */
export function listenAsPage(trackerUrl: string) {
  const api = createMonitoringApi(trackerUrl)
  const client = createLiveClient({ api, timezone: 'UTC' })
  client.start()

  async function differing(): Promise<string[]> {
    const { snapshot } = await loadSnapshot(api, 'UTC', AbortSignal.timeout(10_000))
    const held = client.getState().data.requests
    return snapshot.rows.filter((row) => !isDeepStrictEqual(settled(row), settled(held.get(row.id)))).map(({ id }) => id)
  }

  return {
    stop: client.stop,
    /** The requests that it shows otherwise than a page that is opened now, after at most some seconds. */
    differences: async (): Promise<string[]> => {
      const giveUpAtMs = Date.now() + SAME_WITHIN_MS
      for (;;) {
        const ids = await differing()
        if (ids.length === 0 || Date.now() > giveUpAtMs) return ids
        await sleep(300)
      }
    },
    /** Times that what it showed proved, by the tracker's digest, to be not what the tracker has. */
    divergences: () => client.getState().divergences,
    shown: () => client.getState().data.requests.size,
  }
}

/** Without what depends on the moment of reading. */
function settled(row: RequestRow | undefined): unknown {
  return row && { ...row, elapsed_seconds: 0, time_progress_ratio: 0, is_late: false, is_stalled: false }
}
