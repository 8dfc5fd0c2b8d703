import { useEffect, useState, useSyncExternalStore } from 'react'

import type { LiveClient } from '../src/client/liveClient.ts'
import { endedAtMs } from '../src/client/liveData.ts'
import type { MonitoringApi } from '../src/client/monitoringApi.ts'
import type { Language } from '../src/text/locale.ts'
import { t } from '../src/text/t.ts'
import { FRESH_FAILURE_MS } from '../src/views/arrangeRequests.ts'
import { Dashboard } from '../src/views/Dashboard.tsx'
import { applyTheme, readTheme } from './theme.ts'
import { usePlace } from './usePlace.ts'

type Props = {
  api: MonitoringApi
  client: LiveClient
  timezone: string
  onTimezone: (zone: string | undefined) => void
  onLanguage: (language: Language) => void
}

export function App({ api, client, timezone, onTimezone, onLanguage }: Props) {
  const [place, go] = usePlace()
  const [theme, setTheme] = useState(readTheme)
  useTitle(client)
  return (
    <Dashboard
      api={api}
      client={client}
      place={place}
      go={go}
      timezone={timezone}
      theme={theme}
      onTimezone={onTimezone}
      onLanguage={onLanguage}
      onTheme={(next) => {
        applyTheme(next)
        setTheme(next)
      }}
    />
  )
}

/** The tab tells what is wrong while nobody looks at the page. */
function useTitle(client: LiveClient): void {
  const { data, connection } = useSyncExternalStore(client.subscribe, client.getState)
  useEffect(() => {
    const nowMs = Date.now()
    const failed = [...data.requests.values()].filter(
      (row) => row.status === 'failed' && nowMs - endedAtMs(row) < FRESH_FAILURE_MS,
    ).length
    const news = connection.kind === 'stale' ? t('not live') : failed > 0 ? t('{count} failed', { count: failed }) : ''
    const name = t('Vividly requests')
    document.title = news ? `${news} · ${name}` : name
  }, [data, connection])
}
