import { useMemo, useRef, useState, useSyncExternalStore } from 'react'

import type { LiveClient } from '../client/liveClient.ts'
import type { MonitoringApi } from '../client/monitoringApi.ts'
import type { Language } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { Announcer } from './Announcer.tsx'
import { Bar } from './Bar.tsx'
import type { Theme } from './Bar.tsx'
import { copyText } from './CopyButton.tsx'
import type { Place } from './filter.ts'
import { HeadlineStrip } from './HeadlineStrip.tsx'
import { HelpDialog } from './HelpDialog.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { RequestFlow } from './RequestFlow.tsx'
import { ServerClockContext, useServerClock } from './serverClock.ts'
import { Trends } from './Trends.tsx'
import { moveFocus, useShortcuts } from './useShortcuts.ts'
import { WatchedDetail } from './WatchedDetail.tsx'
import './tokens.css'
import './Dashboard.css'

type Props = {
  api: MonitoringApi
  client: LiveClient
  place: Place
  go: (next: Place) => void
  timezone: string
  theme: Theme
  onTheme: (theme: Theme) => void
  /** Undefined: the browser's own. */
  onTimezone: (zone: string | undefined) => void
  onLanguage: (language: Language) => void
}

/** The whole screen. Where the reader is and the theme belong to the host; all else lives here. */
export function Dashboard({ api, client, place, go, timezone, theme, onTheme, onTimezone, onLanguage }: Props) {
  const live = useSyncExternalStore(client.subscribe, client.getState)
  const [helpOpen, setHelpOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const navigation = useMemo(() => ({ place, go }), [place, go])
  const clock = useServerClock(live)
  const stale = live.connection.kind === 'stale'
  const close = () => go({ ...place, requestId: undefined })
  const isAlone = place.alone === true && place.requestId !== undefined

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
        <div ref={root} className={`vt${stale ? ' vt--stale' : ''}${place.requestId ? ' vt--detail' : ''}${isAlone ? ' vt--alone' : ''}`}>
          <Bar
            live={live}
            timezone={timezone}
            theme={theme}
            searchRef={isAlone ? undefined : search}
            onTheme={onTheme}
            onTimezone={onTimezone}
            onPause={client.setPaused}
            onHelp={() => setHelpOpen(true)}
          />
          {(!isAlone || stale) && <HeadlineStrip live={live} onRetry={client.wake} />}
          <div className="vt-shell">
            {isAlone && place.requestId ? (
              <main className="vt-alone">
                <PlaceLink className="vt-link vt-alone__back" to={{ ...place, requestId: undefined }}>
                  {t('All requests')}
                </PlaceLink>
                <WatchedDetail key={place.requestId} api={api} client={client} id={place.requestId} />
              </main>
            ) : (
              <main className="vt-main">
                <RequestFlow api={api} client={client} live={live} />
                <Trends api={api} timezone={timezone} live={live.connection.kind === 'live'} />
              </main>
            )}
            {!isAlone && place.requestId && (
              <WatchedDetail key={place.requestId} api={api} client={client} id={place.requestId} onClose={close} />
            )}
          </div>
          <Announcer live={live} />
          <HelpDialog open={helpOpen} timezone={timezone} onClose={() => setHelpOpen(false)} onLanguage={onLanguage} onTimezone={onTimezone} />
        </div>
      </NavigationContext.Provider>
    </ServerClockContext.Provider>
  )
}

async function copyFocused(root: Element | null, openId: string | undefined): Promise<void> {
  const row = document.activeElement?.closest<HTMLElement>('.vt-row')
  const id = row?.dataset['request'] ?? openId ?? root?.querySelector<HTMLElement>('.vt-row--open')?.dataset['request']
  if (id) await copyText(id)
}
