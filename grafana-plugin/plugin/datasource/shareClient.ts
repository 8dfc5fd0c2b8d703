import { followTogether } from '../../src/client/followTogether.ts'
import { createLiveClient } from '../../src/client/liveClient.ts'
import type { LiveClient } from '../../src/client/liveClient.ts'
import type { MonitoringApi } from '../../src/client/monitoringApi.ts'

/** So long the stream outlives its last reader: a dashboard's refresh or another panel comes back within it. */
const LINGER_MS = 5_000

export type SharedClient = ReturnType<typeof shareClient>

/**
 * One stream for all panels and queries of a data source, and for all tabs of the browser: open while somebody holds it.
 * @param name the same in each tab that may see the same data, and in no other
 */
export function shareClient(api: MonitoringApi, timezone: string, name: string) {
  let client: LiveClient | undefined
  let holders = 0
  let closing: ReturnType<typeof setTimeout> | undefined

  return {
    /** Each call needs one call of what it returns as `release`. */
    hold(): { client: LiveClient; release: () => void } {
      clearTimeout(closing)
      client ??= createLiveClient({ api, timezone, follow: (options) => followTogether(options, name) })
      const held = client
      held.start()
      holders += 1
      let isHeld = true
      return {
        client: held,
        release() {
          if (!isHeld) return
          isHeld = false
          holders -= 1
          if (holders > 0) return
          closing = setTimeout(() => {
            held.stop()
            client = undefined
          }, LINGER_MS)
        },
      }
    },
  }
}
