import type { PanelProps } from '@grafana/data'

import { BreakerBadges } from '../../src/views/BreakerBadges.tsx'
import { NO_FILTER, writePlace } from '../../src/views/filter.ts'
import type { Place } from '../../src/views/filter.ts'
import { locationService } from '@grafana/runtime'
import { APP_ID } from '../datasource/appHref.ts'
import { takeZone } from '../panel/takeZone.ts'
import { PanelNotice } from '../panel/PanelNotice.tsx'
import { TrackerRoot } from '../panel/TrackerRoot.tsx'
import { useTracker } from '../panel/useTracker.ts'

const PLACE: Place = { filter: NO_FILTER, requestId: undefined }

/** One badge a provider. The requests that one stopped are listed on the app's page. */
export function BreakersPanel({ data, timeZone }: PanelProps) {
  takeZone(timeZone)
  const { tracker, problem } = useTracker(data.request?.targets[0]?.datasource, data.request?.scopedVars)
  if (problem !== undefined) return <PanelNotice text={problem} />
  if (!tracker) return null
  const go = (next: Place) => locationService.push(`/a/${APP_ID}${writePlace(next) || '?'}&ds=${encodeURIComponent(tracker.source.uid)}`)
  return (
    <TrackerRoot tracker={tracker} place={PLACE} go={go} withHeadline={false}>
      {(live) => <BreakerBadges api={tracker.source.api} data={live.data} />}
    </TrackerRoot>
  )
}
