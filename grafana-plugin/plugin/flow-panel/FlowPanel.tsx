import type { PanelProps } from '@grafana/data'
import { locationService } from '@grafana/runtime'
import { useCallback, useMemo, useState } from 'react'

import { RequestFlow } from '../../src/views/RequestFlow.tsx'
import type { Place } from '../../src/views/filter.ts'
import { readQuery, toFilter } from '../datasource/trackerQuery.ts'
import type { TrackerQuery } from '../datasource/trackerQuery.ts'
import { DetailDrawer } from '../panel/DetailDrawer.tsx'
import { takeZone } from '../panel/takeZone.ts'
import { PanelNotice } from '../panel/PanelNotice.tsx'
import { TrackerRoot } from '../panel/TrackerRoot.tsx'
import { useTracker } from '../panel/useTracker.ts'
import { readFlowOptions, sectionsThatFit } from './flowOptions.ts'
import type { FlowOptions } from './flowOptions.ts'

/** Below this height, the headline and the numbers' history are left out. */
const COMPACT_BELOW_PX = 280

/** All requests in flight. It draws from the data source's stream itself; its query says which data source and filter. */
export function FlowPanel({ data, options: stored, width, height, timeZone }: PanelProps<FlowOptions>) {
  takeZone(timeZone)
  const options = readFlowOptions(stored)
  const target = data.request?.targets[0] as TrackerQuery | undefined
  const { tracker, problem } = useTracker(target?.datasource, data.request?.scopedVars)
  // The query's filter stays under whatever the reader narrows to.
  const filterKey = JSON.stringify(tracker && target ? toFilter(tracker.source.replaceVariables(readQuery(target), data.request?.scopedVars ?? {})) : null)
  const [chosen, setChosen] = useState<{ filterKey: string; filter: Place['filter'] }>()
  const [requestId, setRequestId] = useState<string>()
  const base = useMemo(() => JSON.parse(filterKey) as Place['filter'] | null, [filterKey])
  const filter = chosen?.filterKey === filterKey ? chosen.filter : base
  const { onClick, variable } = options
  const go = useCallback(
    (next: Place) => {
      setChosen({ filterKey, filter: next.filter })
      if (next.requestId === undefined) setRequestId(undefined)
      else if (onClick === 'variable') locationService.partial({ [`var-${variable}`]: next.requestId })
      else setRequestId(next.requestId)
    },
    [filterKey, onClick, variable],
  )
  const place = useMemo(() => (filter ? { filter, requestId } : undefined), [filter, requestId])
  if (problem !== undefined) return <PanelNotice text={problem} />
  if (!tracker || !place) return null
  const compact = height < COMPACT_BELOW_PX
  const sections = options.sections.length > 0 ? options.sections : sectionsThatFit(width, height)
  return (
    <>
      <TrackerRoot tracker={tracker} place={place} go={go} withHeadline={!compact} compact={compact}>
        {(live) => <RequestFlow api={tracker.source.api} client={tracker.client} live={live} sections={sections} />}
      </TrackerRoot>
      {requestId !== undefined && <DetailDrawer tracker={tracker} requestId={requestId} onClose={() => setRequestId(undefined)} />}
    </>
  )
}
