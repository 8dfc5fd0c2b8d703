import { useTheme2 } from '@grafana/ui'
import { useMemo, useState, useSyncExternalStore } from 'react'

import type { LiveState } from '../../src/client/liveClient.ts'
import { writePlace } from '../../src/views/filter.ts'
import type { Place } from '../../src/views/filter.ts'
import { HeadlineStrip } from '../../src/views/HeadlineStrip.tsx'
import { NavigationContext } from '../../src/views/PlaceLink.tsx'
import { ServerClockContext, useServerClock } from '../../src/views/serverClock.ts'
import { SurroundingsContext } from '../../src/views/surroundings.ts'
import { ScrollPaneContext } from '../../src/views/useRowVirtualizer.ts'
import { APP_ID } from '../datasource/appHref.ts'
import { themeProperties } from './themeProperties.ts'
import type { Tracker } from './useTracker.ts'
import '../../src/views/tokens.css'
import './panel.css'

type Props = {
  tracker: Tracker
  place: Place
  go: (next: Place) => void
  /** False where there is no room for it; what is not live is said in any case. */
  withHeadline: boolean
  /** Only what matters most, and small. */
  compact?: boolean
  children: (live: LiveState) => React.ReactNode
}

/** What the views stand in inside Grafana: its theme, the tracker's clock, where links lead, what scrolls. */
export function TrackerRoot({ tracker, place, go, withHeadline, compact = false, children }: Props) {
  const { client, source } = tracker
  const theme = useTheme2()
  const live = useSyncExternalStore(client.subscribe, client.getState)
  const clock = useServerClock(live)
  const [pane, setPane] = useState<HTMLElement | null>(null)
  const navigation = useMemo(() => ({ place, go }), [place, go])
  const surroundings = useMemo(
    () => ({
      trackerUrl: () => new URL(source.url, window.location.href).href,
      hrefOf: (to: Place) => `/a/${APP_ID}${withSource(writePlace(to), source.uid)}`,
      linksFor: (request: Parameters<typeof source.linksFor>[0]) => source.linksFor(request),
    }),
    [source],
  )
  const isStale = live.connection.kind === 'stale'
  return (
    <ServerClockContext.Provider value={clock}>
      <NavigationContext.Provider value={navigation}>
        <SurroundingsContext.Provider value={surroundings}>
          <div className={`vt vt-embed${isStale ? ' vt--stale' : ''}${compact ? ' vt-embed--compact' : ''}`} style={themeProperties(theme)}>
            {(withHeadline || isStale) && <HeadlineStrip live={live} onRetry={client.wake} />}
            <div className="vt-embed__pane" ref={setPane} tabIndex={-1}>
              <div className="vt-embed__content">
                {pane && <ScrollPaneContext.Provider value={pane}>{children(live)}</ScrollPaneContext.Provider>}
              </div>
            </div>
          </div>
        </SurroundingsContext.Provider>
      </NavigationContext.Provider>
    </ServerClockContext.Provider>
  )
}

function withSource(search: string, uid: string): string {
  const params = new URLSearchParams(search)
  params.set('ds', uid)
  return `?${params.toString()}`
}
