import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react'

import type { LiveClient } from '../client/liveClient.ts'
import type { MonitoringApi } from '../client/monitoringApi.ts'
import { watchRequest } from '../client/requestWatcher.ts'
import { Announcer } from './Announcer.tsx'
import { Bar } from './Bar.tsx'
import type { Theme } from './Bar.tsx'
import { BreakerBadges } from './BreakerBadges.tsx'
import { copyText } from './CopyButton.tsx'
import type { Place } from './filter.ts'
import { HeadlineStrip } from './HeadlineStrip.tsx'
import { HelpDialog } from './HelpDialog.tsx'
import { NavigationContext } from './PlaceLink.tsx'
import { RequestDetail } from './RequestDetail.tsx'
import { RequestList } from './RequestList.tsx'
import { River } from './River.tsx'
import type { ServerClock } from './serverClock.ts'
import { ServerClockContext } from './serverClock.ts'
import { StatCards } from './StatCards.tsx'
import { Trends } from './Trends.tsx'
import { useFound } from './useFound.ts'
import { usePolled } from './usePolled.ts'
import { moveFocus, useShortcuts } from './useShortcuts.ts'
import './tokens.css'
import './Dashboard.css'

/** The last hour is set beside the same one yesterday. */
const HISTORY_MS = 50 * 3_600_000
const HISTORY_INTERVAL_MS = 60_000

type Props = {
  api: MonitoringApi
  client: LiveClient
  place: Place
  go: (next: Place) => void
  timezone: string
  theme: Theme
  onTheme: (theme: Theme) => void
}

/** The whole screen. Where the reader is and the theme belong to the host; all else lives here. */
export function Dashboard({ api, client, place, go, timezone, theme, onTheme }: Props) {
  const live = useSyncExternalStore(client.subscribe, client.getState)
  const found = useFound(client, place.filter, live.connection.kind === 'live')
  const askHistory = useCallback(
    (signal: AbortSignal) => api.getMetrics(new Date(Date.now() - HISTORY_MS).toISOString(), signal),
    [api],
  )
  const history = usePolled(askHistory, HISTORY_INTERVAL_MS, live.connection.kind === 'live')
  const [helpOpen, setHelpOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const navigation = useMemo(() => ({ place, go }), [place, go])
  const clock = useServerClock(live)
  const stale = live.connection.kind === 'stale'
  const close = () => go({ ...place, requestId: undefined })

  useShortcuts({
    '/': () => search.current?.focus(),
    j: () => moveFocus(root.current, 1),
    k: () => moveFocus(root.current, -1),
    c: () => void copyFocused(root.current, place.requestId),
    p: () => client.setPaused(live.pausedAtMs === undefined),
    '?': () => setHelpOpen(true),
    Escape: () => place.requestId && close(),
  })

  return (
    <ServerClockContext.Provider value={clock}>
      <NavigationContext.Provider value={navigation}>
        <div ref={root} className={`vt${stale ? ' vt--stale' : ''}${place.requestId ? ' vt--detail' : ''}`}>
          <Bar
            live={live}
            timezone={timezone}
            theme={theme}
            searchRef={search}
            onTheme={onTheme}
            onPause={client.setPaused}
            onHelp={() => setHelpOpen(true)}
          />
          <HeadlineStrip live={live} onRetry={client.wake} />
          <div className="vt-shell">
            <main className="vt-main">
              <StatCards stats={live.data.stats} buckets={history.answer?.buckets} />
              <BreakerBadges api={api} breakers={live.data.breakers} />
              <River requests={live.data.requests} />
              <RequestList live={live} found={found} onRetry={client.wake} />
              <Trends api={api} timezone={timezone} live={live.connection.kind === 'live'} />
            </main>
            {place.requestId && (
              <Detail key={place.requestId} api={api} client={client} id={place.requestId} onClose={close} />
            )}
          </div>
          <Announcer live={live} />
          <HelpDialog open={helpOpen} onClose={() => setHelpOpen(false)} />
        </div>
      </NavigationContext.Provider>
    </ServerClockContext.Provider>
  )
}

type DetailProps = { api: MonitoringApi; client: LiveClient; id: string; onClose: () => void }

function Detail({ api, client, id, onClose }: DetailProps) {
  const [watcher] = useState(() => watchRequest(api, client, id))
  const watched = useSyncExternalStore(watcher.subscribe, watcher.getState)
  return <RequestDetail id={id} watched={watched} onClose={onClose} onRetry={watcher.refresh} />
}

/** Time stands still with the data: what we do not hear of we do not age. */
function useServerClock(live: ReturnType<LiveClient['getState']>): ServerClock {
  const { connection, clockOffsetMs, pausedAtMs } = live
  const staleAtMs = connection.kind === 'stale' ? connection.lastLiveMs : undefined
  const frozenAtMs = pausedAtMs ?? staleAtMs
  return useMemo(() => ({ offsetMs: clockOffsetMs, frozenAtMs }), [clockOffsetMs, frozenAtMs])
}

async function copyFocused(root: Element | null, openId: string | undefined): Promise<void> {
  const row = document.activeElement?.closest<HTMLElement>('.vt-row')
  const id = row?.dataset['request'] ?? openId ?? root?.querySelector<HTMLElement>('.vt-row--open')?.dataset['request']
  if (id) await copyText(id)
}
