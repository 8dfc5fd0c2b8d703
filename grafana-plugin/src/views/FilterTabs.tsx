import type { RequestRow } from '@vividly/tracker-api/contract'
import { useContext, useMemo } from 'react'

import { isEnded } from '../client/requestPhase.ts'
import type { StatusFilter } from './filter.ts'
import { filtersOf, STATUS_FILTERS } from './filter.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { requestState } from './states.ts'
import './FilterTabs.css'

const LABELS: Record<StatusFilter, string> = {
  all: 'All',
  active: 'In flight',
  waiting: 'Waiting',
  running: 'Running',
  retrying: 'Retrying',
  late: 'Late',
  stalled: 'Stalled',
  failed: 'Failed',
  done: 'Done',
  cancelled: 'Cancelled',
}
/** Only what is in flight is here in full; a count of ended ones would say less than it seems to. */
const COUNTED = new Set<StatusFilter>(['active', 'waiting', 'running', 'retrying', 'late', 'stalled'])

type Props = { requests: ReadonlyMap<string, RequestRow>; nowMs: number }

export function FilterTabs({ requests, nowMs }: Props) {
  const { place } = useContext(NavigationContext)
  const counts = useMemo(() => countStates(requests.values(), nowMs), [requests, nowMs])
  return (
    <nav className="vt-tabs" aria-label="Filter by status">
      {STATUS_FILTERS.map((status) => (
        <PlaceLink
          key={status}
          className="vt-tab"
          current={place.filter.status === status}
          to={{ ...place, filter: { ...place.filter, status, endedToday: false } }}
        >
          {LABELS[status]}
          {place.filter.status === status && place.filter.endedToday && ' today'}
          {COUNTED.has(status) && <span className="vt-tab__count vt-num">{counts.get(status) ?? 0}</span>}
        </PlaceLink>
      ))}
    </nav>
  )
}

function countStates(rows: Iterable<RequestRow>, nowMs: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) {
    if (isEnded(row.status)) continue
    for (const name of ['active', ...filtersOf(requestState(row, nowMs))]) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
