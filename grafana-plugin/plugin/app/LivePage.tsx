import { DataSourcePicker, getDataSourceSrv, locationService, PluginPage } from '@grafana/runtime'
import { LinkButton, Stack } from '@grafana/ui'
import { useCallback, useMemo, useSyncExternalStore } from 'react'

import { t } from '../../src/text/t.ts'
import { readPlace, writePlace } from '../../src/views/filter.ts'
import type { Place } from '../../src/views/filter.ts'
import { RequestFlow } from '../../src/views/RequestFlow.tsx'
import { APP_ID, DATASOURCE_ID } from '../datasource/appHref.ts'
import { DetailDrawer } from '../panel/DetailDrawer.tsx'
import { PanelNotice } from '../panel/PanelNotice.tsx'
import { TrackerRoot } from '../panel/TrackerRoot.tsx'
import { useTracker } from '../panel/useTracker.ts'
import './LivePage.css'

/** The whole screen inside Grafana. What is shown stands in the address: data source, filter, request. */
export function LivePage() {
  const search = useSyncExternalStore(subscribe, () => locationService.getLocation().search)
  const place = useMemo(() => readPlace(search), [search])
  const uid = new URLSearchParams(search).get('ds') ?? getDataSourceSrv().getList({ pluginId: DATASOURCE_ID })[0]?.uid
  const go = useCallback(
    (next: Place) => {
      const params = new URLSearchParams(writePlace(next))
      if (uid !== undefined) params.set('ds', uid)
      locationService.push(`/a/${APP_ID}?${params.toString()}`)
    },
    [uid],
  )
  const { tracker, problem } = useTracker(uid === undefined ? undefined : { uid })
  if (uid === undefined) return <PluginPage><Welcome /></PluginPage>
  const close = () => go({ ...place, requestId: undefined })
  return (
    <PluginPage
      actions={
        <DataSourcePicker
          pluginId={DATASOURCE_ID}
          current={uid}
          noDefault
          onChange={(next) => locationService.push(`/a/${APP_ID}?ds=${encodeURIComponent(next.uid)}`)}
        />
      }
    >
      {problem !== undefined && <PanelNotice text={problem} />}
      {tracker && (
        <div className="vt-live-page">
          <TrackerRoot tracker={tracker} place={place} go={go} withHeadline>
            {(live) => <RequestFlow api={tracker.source.api} client={tracker.client} live={live} />}
          </TrackerRoot>
        </div>
      )}
      {tracker && place.requestId !== undefined && <DetailDrawer tracker={tracker} requestId={place.requestId} onClose={close} />}
    </PluginPage>
  )
}

/** Before there is a data source: the one step that is missing. */
function Welcome() {
  return (
    <Stack direction="column" alignItems="flex-start">
      <p>{t('No Vividly request tracker is connected yet. It needs the tracker’s URL, as Grafana’s server reaches it, and a token with the scope “read”.')}</p>
      <LinkButton href={`/connections/datasources/${DATASOURCE_ID}`} icon="plus">
        {t('Connect a tracker')}
      </LinkButton>
    </Stack>
  )
}

function subscribe(listener: () => void): () => void {
  const subscription = locationService.getLocationObservable().subscribe(listener)
  return () => subscription.unsubscribe()
}
